import closeWithGrace from 'close-with-grace';
import { Command } from 'commander';
import { setTimeout as wait } from 'node:timers/promises';
import { readConfig } from '../config.ts';
import { AutoConnectError } from '../domain/errors.ts';
import { startServer, type RunningServer } from '../server.ts';

/** Running talks go on at Twilio; what takes longer than this to write down is given up. */
const CLOSE_WITHIN_MS = 30_000;

/** Pages are told to come back; nothing else is worth waiting for once the store cannot be read. */
const FAILED_CLOSE_WITHIN_MS = 3000;

export function serveCommand(): Command {
  return new Command('serve')
    .description('start the server; without TWILIO_* in the environment, on the simulated network')
    .action(async () => {
      const config = readConfig(process.env);
      const server = await startServer(config);
      closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ err }) => {
        if (err) process.stderr.write(`${err.stack ?? err.message}\n`);
        await server.close().catch(endBadly);
      });
      void endWhenUnreadable(server);
      process.stdout.write(`${greeting(server, config.twilio?.publicBaseUrl ?? null)}\n`);
    });
}

async function endWhenUnreadable(server: RunningServer): Promise<void> {
  const error = await server.failed;
  await Promise.race([server.close().catch(() => {}), wait(FAILED_CLOSE_WITHIN_MS)]);
  endBadly(error);
}

/** What the operator must mend, and the exit code for it: docs/operations.md. */
function endBadly(error: unknown): never {
  if (!(error instanceof AutoConnectError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
}

function greeting(server: RunningServer, publicBaseUrl: string | null): string {
  if (publicBaseUrl === null) {
    return [
      `auto-connect is at ${server.url} on a simulated telephone network: no account, no real calls.`,
      'Open the page, sign in with any name, press "Dial in" on the handset and key the code you are shown.',
      'Then press "Call leads". Ctrl-C ends it; README.md tells how to go to real calls.',
    ].join('\n');
  }
  return [
    `auto-connect is at ${server.url} and places real calls through Twilio.`,
    `The number's voice URL must be ${publicBaseUrl}/twilio-webhook/consume (POST).`,
    'Sign in on the page with SIGN_IN_PASSPHRASE.',
  ].join('\n');
}

import { Command, CommanderError } from 'commander';
import { AutoConnectError } from './domain/errors.ts';

/** Exit codes, one meaning each: docs/operations.md. */
const EXIT_USAGE = 2;
const EXIT_CONFIG = 4;
const EXIT_BUG = 70;

/** Loaded when asked for: the server needs no CSV parser to start. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  serve: async () => (await import('./cli/serve.ts')).serveCommand(),
  network: async () => (await import('./cli/network.ts')).networkCommand(),
  replay: async () => (await import('./cli/replay.ts')).replayCommand(),
  recording: async () => (await import('./cli/recording.ts')).recordingCommand(),
  shrink: async () => (await import('./cli/shrink.ts')).shrinkCommand(),
  machine: async () => (await import('./cli/machine.ts')).machineCommand(),
  journal: async () => (await import('./cli/journal.ts')).journalCommand(),
  explore: async () => (await import('./cli/explore.ts')).exploreCommand(),
  why: async () => (await import('./cli/why.ts')).whyCommand(),
  simulate: async () => (await import('./cli/simulate.ts')).simulateCommand(),
  torture: async () => (await import('./cli/torture.ts')).tortureCommand(),
};

async function main(argv: readonly string[]): Promise<void> {
  const wanted = COMMANDS[argv[2] ?? ''];
  const load = wanted ? [wanted] : Object.values(COMMANDS);
  const program = new Command('auto-connect').description(
    'An outbound dialer on Twilio: every agent session and every call is a state machine.',
  );
  for (const command of await Promise.all(load.map((one) => one()))) program.addCommand(command);
  throwInsteadOfExiting(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = explain(error);
  }
}

function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExiting(child);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof AutoConnectError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  const listening = explainListening(error);
  if (listening) {
    process.stderr.write(`${listening}\n`);
    return EXIT_CONFIG;
  }
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT_BUG;
}

/** A port that cannot be had is the operator's to mend, and says how. */
function explainListening(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') return null;
  const where = 'port' in error ? `port ${String(error.port)}` : 'the address';
  switch (error.code) {
    case 'EADDRINUSE':
      return `PORT: ${where} is taken; stop the program that has it, or choose another: PORT=3001 npm start`;
    case 'EACCES':
      return `PORT: ${where} may not be opened by this user; choose one above 1023: PORT=3000 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'HOST: this machine has no such address; HOST=127.0.0.1 serves this machine, HOST=0.0.0.0 every network';
    default:
      return null;
  }
}

void main(process.argv);

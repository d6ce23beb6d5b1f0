import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../config.ts';
import { anonymise } from '../replay/anonymise.ts';
import { exportRecording } from '../replay/export-recording.ts';
import { parseRecording, readText } from '../replay/read-recording.ts';

interface ExportFlags {
  session?: string;
  call?: string;
  agent?: string;
  from?: number;
  to?: number;
  store?: string;
  raw?: true;
  output?: string;
}

export function recordingCommand(): Command {
  return new Command('recording')
    .description('prepare recordings of webhooks: docs/replay.md')
    .addCommand(anonymiseCommand())
    .addCommand(exportCommand());
}

function anonymiseCommand(): Command {
  return new Command('anonymise')
    .description('replace numbers, ids, names and codes, the same by the same; times stay')
    .argument('<file>', 'a recording in any format that replay reads')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .action(async (file: string, { output }: { output?: string }) => {
      const safe = anonymise(await readText(file));
      parseRecording(file, safe); // Refuses what is no recording, or not safe after all.
      await put(safe, output);
    });
}

function exportCommand(): Command {
  return new Command('export')
    .description('write a recording of sessions out of the store, also while a server uses it')
    .option('--session <id>', 'this session')
    .option('--call <id>', 'the session of this call (our id, or its SID), up to its end')
    .option('--agent <name>', 'the sessions of this agent')
    .option('--from <time>', 'sessions that were not over yet, such as 2030-01-07T15:00Z', time)
    .option('--to <time>', 'sessions that had begun, up to then', time)
    .option('--store <file>', 'the store; default: STORE, or the one that serve would use')
    .option('--raw', 'with real numbers, names and ids: personal data, which replay refuses')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .allowUnknownOption() // One id in 64 begins with a hyphen.
    .action(async (flags: ExportFlags, command: Command) => {
      const { store, raw, output, ...selection } = flags;
      if (Object.keys(selection).length === 0) {
        command.error('error: say what: --session, --call, --agent, --from or --to');
      }
      const path = store ?? readConfig(process.env).storePath;
      await put(exportRecording(path, selection, raw === true), output);
    });
}

/** Personal data may be in it: for the owner's eyes, as the store is. */
async function put(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) process.stdout.write(text);
  else await writeFile(output, text, { mode: 0o600 });
}

function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('a time like 2030-01-07T15:00:00Z');
  return at;
}

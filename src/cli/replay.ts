import { Command, Option } from 'commander';
import { readRecording } from '../replay/read-recording.ts';
import { FORMATS, type RecordingFormat } from '../replay/recording.ts';
import { writeVerdict } from '../replay/timeline-text.ts';
import { judge, toJson, type Verdict } from '../replay/verdict.ts';

interface ReplayOptions {
  format?: RecordingFormat;
  json?: boolean;
}

/** A check failed: our machines break an invariant, or decide otherwise than was accepted. */
const EXIT_FAILED = 1;

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'replay recordings of webhooks through the machines: timeline, differences, broken invariants',
    )
    .argument(
      '<file...>',
      'console output, our NDJSON, NDJSON of a proxy, HAR, or Twilio’s call events',
    )
    .addOption(new Option('--format <name>', 'do not detect the format').choices([...FORMATS]))
    .option('--json', 'one JSON object per file')
    .action(async (files: string[], options: ReplayOptions) => {
      for (const file of files) {
        const verdict = await judge(await readRecording(file, options.format ?? null));
        print(verdict, options);
        if (hasFailed(verdict)) process.exitCode = EXIT_FAILED;
      }
    });
}

const hasFailed = (verdict: Verdict): boolean => verdict.breaks.some(({ by }) => by === 'ours');

function print(verdict: Verdict, { json }: ReplayOptions): void {
  const isColoured = process.stdout.isTTY && !process.env['NO_COLOR'];
  const text = json ? JSON.stringify(toJson(verdict)) : writeVerdict(verdict, isColoured);
  process.stdout.write(`${text}\n`);
}

import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { changedDecisions, otherBuild, type ChangedDecision } from '../replay/against.ts';
import { accept, deviations, readExpectation } from '../replay/expectation.ts';
import { readRecording } from '../replay/read-recording.ts';
import { FORMATS, RecordingError, type RecordingFormat } from '../replay/recording.ts';
import { writeVerdict } from '../replay/timeline-text.ts';
import { judge, toJson, type Verdict } from '../replay/verdict.ts';

interface ReplayOptions {
  format?: RecordingFormat;
  json?: boolean;
  accept?: boolean;
  against?: string;
}

/** A check failed: our machines break an invariant, or decide otherwise than was accepted. */
const EXIT_FAILED = 1;
/** From src/cli, or from dist/src, where the built server lies in a few files. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'replay recorded webhooks through the machines: timeline, differences, broken invariants',
    )
    .argument(
      '<file...>',
      'console output, our NDJSON, NDJSON of a proxy, HAR, or Twilio’s call events',
    )
    .addOption(new Option('--format <name>', 'do not detect the format').choices([...FORMATS]))
    .option('--json', 'one JSON object per file')
    .option('--accept', 'write what happens now as FILE.expected.json, for review')
    .option(
      '--against <build>',
      'which decisions another build (a folder or a git revision) takes otherwise',
    )
    .action(async (files: string[], options: ReplayOptions) => {
      if (options.against !== undefined) return replayAgainst(files, options, options.against);
      for (const file of files) await replayFile(file, options);
    });
}

async function replayFile(file: string, options: ReplayOptions): Promise<void> {
  const recording = await readRecording(file, options.format ?? null);
  if (options.accept && !recording.isAnonymous) {
    throw new RecordingError(
      file,
      1,
      `holds real numbers; accept a safe copy: recording anonymise ${file}`,
    );
  }
  const verdict = await judge(recording);
  const isColoured = process.stdout.isTTY && !process.env['NO_COLOR'];
  const text = options.json ? JSON.stringify(toJson(verdict)) : writeVerdict(verdict, isColoured);
  process.stdout.write(`${text}\n`);
  if (options.accept) process.stderr.write(`wrote ${await accept(verdict)}\n`);
  const expected = await readExpectation(file);
  const deviating = expected ? deviations(expected, verdict) : [];
  // Not on stdout: with --json that is one object of a documented shape.
  for (const deviation of deviating)
    process.stderr.write(`${file}: not as accepted: ${deviation}\n`);
  const isBroken = verdict.breaks.some(({ by }) => by === 'ours');
  if (isBroken || deviating.length > 0) process.exitCode = EXIT_FAILED;
}

async function replayAgainst(
  files: readonly string[],
  options: ReplayOptions,
  name: string,
): Promise<void> {
  const build = await otherBuild(name, ROOT);
  const changed: ChangedDecision[] = [];
  try {
    for (const file of files) {
      const verdict: Verdict = await judge(await readRecording(file, options.format ?? null));
      changed.push(...changedDecisions(verdict, await build.replay(file)));
    }
  } finally {
    await build.close();
  }
  const text = options.json
    ? JSON.stringify({ against: name, changed })
    : writeChanged(changed, name);
  process.stdout.write(`${text}\n`);
  if (changed.length > 0) process.exitCode = EXIT_FAILED;
}

function writeChanged(changed: readonly ChangedDecision[], name: string): string {
  if (changed.length === 0) return `Every decision is the same as in ${name}.`;
  const lines = changed.map(
    ({ recording, line, kind, callSid, there, here }) =>
      `${recording}:${line}: ${kind} of ${callSid ?? 'nobody'}\n  there: ${there}\n  here:  ${here}`,
  );
  return [`${changed.length} decisions differ from ${name}:`, ...lines].join('\n');
}

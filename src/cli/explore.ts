import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { exploreFile, RECORDED_STATES_AT_MOST } from './explore-recording.ts';
import { DEFAULTS, explore, type Exploration, type ExploreOptions } from '../explorer/explore.ts';
import { tell, write } from '../explorer/story.ts';
import { violationRecording } from '../explorer/violation-recording.ts';
import type { Click } from '../explorer/world.ts';
import { wholeNumber } from './whole-number.ts';

/** A check failed: docs/operations.md. */
const EXIT_CHECK_FAILED = 1;

interface Flags {
  leads: number;
  lines?: number;
  agents: number;
  duplicates: number;
  losses: number;
  restarts: number;
  timers: boolean;
  patient: boolean;
  ringOut: boolean;
  slowStore: boolean;
  hasty: boolean;
  clicks: Click[];
  statesAtMost: number;
  recording?: string;
  json: boolean;
}

const EVERY = Object.keys(DEFAULTS.clicks) as Click[];

function clicks(text: string): Click[] {
  const names = text === '' ? [] : text.split(',');
  const known = names.flatMap((name) => EVERY.find((click) => click === name) ?? []);
  if (known.length !== names.length) {
    throw new InvalidArgumentError(`any of ${EVERY.join(',')}, with commas between`);
  }
  return known;
}

export function exploreCommand(): Command {
  return new Command('explore')
    .description('try every order of webhooks, REST replies, clicks and hang-ups on the charts')
    .argument(
      '[file]',
      'a recording: every order of its events; of the options, --states-at-most and --json count',
    )
    .option('--leads <n>', 'leads of the list', wholeNumber(1, 4), 2)
    .option('--lines <n>', 'leads rung at once; all of them if not given', wholeNumber(1, 4))
    .option('--agents <n>', 'agents who share list and line', wholeNumber(1, 3), 1)
    .option('--duplicates <n>', 'requests that Twilio may make twice', wholeNumber(0, 3), 0)
    .option('--losses <n>', 'callbacks and replies that may be lost', wholeNumber(0, 3), 0)
    .option('--restarts <n>', 'times that the server may be killed', wholeNumber(0, 2), 0)
    .option('--timers', 'let every timer fire at any moment', false)
    .option('--patient', 'let timers fire only when nothing is on its way', false)
    .option('--ring-out', 'losers ring for 15 seconds', false)
    .option('--slow-store', 'let everything overtake the list and the line', false)
    .option('--hasty', 'bring old news at once: seven times fewer states', false)
    .option('--clicks <names>', 'what she may do, as often as it is named', clicks, [
      'callLeads',
      'leave',
    ])
    .option('--states-at-most <n>', 'stop there', wholeNumber(1, 10_000_000), DEFAULTS.statesAtMost)
    .option('--recording <file>', 'write the first violation as a recording that replay reads')
    .option('--json', 'one object on stdout', false)
    .action(async (file: string | undefined, flags: Flags, command: Command) => {
      if (file !== undefined) {
        const isOurs = command.getOptionValueSource('statesAtMost') === 'default';
        const statesAtMost = isOurs ? RECORDED_STATES_AT_MOST : flags.statesAtMost;
        const isSound = await exploreFile(file, { ...flags, statesAtMost });
        if (!isSound) process.exitCode = EXIT_CHECK_FAILED;
        return;
      }
      const options: ExploreOptions = {
        ...DEFAULTS,
        ...flags,
        clicks: Object.fromEntries(
          EVERY.map((click) => [click, flags.clicks.filter((each) => each === click).length]),
        ) as Record<Click, number>,
      };
      const found = explore(options);
      process.stdout.write(flags.json ? asJson(options, found) : asText(options, found));
      const [first] = found.violations;
      if (flags.recording !== undefined && first)
        await writeFile(flags.recording, violationRecording(options, first));
      if (found.violations.length > 0) process.exitCode = EXIT_CHECK_FAILED;
    });
}

function asText(options: ExploreOptions, found: Exploration): string {
  const { states, edges, paths, seconds, isComplete, violations } = found;
  const [first] = violations;
  const lines = [
    `states ${states}, edges ${edges}, distinct paths ${paths.toPrecision(3)}, ${seconds.toFixed(1)} s` +
      (isComplete ? '' : ', not complete'),
    `violations ${violations.length}`,
  ];
  if (first) lines.push('', ...first.broken, '', write(tell(options, first)));
  return `${lines.join('\n')}\n`;
}

function asJson(options: ExploreOptions, found: Exploration): string {
  const violations = found.violations.map((violation) => ({
    broken: violation.broken,
    story: tell(options, violation),
    recording: violationRecording(options, violation),
  }));
  return `${JSON.stringify({ ...found, violations })}\n`;
}

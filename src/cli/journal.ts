import { Command, InvalidArgumentError } from 'commander';
import { backUpStore } from '../journal/backup-store.ts';
import { checkStore, type StoreCheck } from '../journal/check-store.ts';
import { pruneStore } from '../journal/prune-store.ts';
import { repairStore, type Repair } from '../journal/repair-store.ts';

/** A check found something: docs/operations.md. */
const EXIT_FINDING = 1;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** `journal check|backup|repair|prune FILE`. A file that cannot be opened as a store at all ends with 6, by `JournalError`. */
export function journalCommand(): Command {
  const journal = new Command('journal').description(
    'look after the file that holds the journal and the leads',
  );
  journal
    .command('check')
    .description('read everything and tell what is damaged; also beside a running server')
    .argument('<file>', 'the store')
    .option('--json', 'print one JSON object')
    .action((file: string, options: { json?: true }) => {
      const check = checkStore(file);
      say(options.json ? JSON.stringify({ file, ...check }) : describeCheck(file, check));
      if (check.findings.length > 0) process.exitCode = EXIT_FINDING;
    });
  journal
    .command('backup')
    .description('write a checked copy, also while the server runs')
    .argument('<file>', 'the store')
    .argument('<target>', 'the new file; it must not exist')
    .option('--json', 'print one JSON object')
    .action((file: string, target: string, options: { json?: true }) => {
      const check = backUpStore(file, target);
      const text = `${target} is a copy of ${file}: ${contents(check)}.`;
      say(options.json ? JSON.stringify({ file, target, ...check }) : text);
    });
  journal
    .command('repair')
    .description('save what can be read of a damaged store; the server must be stopped')
    .argument('<file>', 'the store; the damaged one is kept beside it')
    .option('--json', 'print one JSON object')
    .action((file: string, options: { json?: true }) => {
      const repair = repairStore(file, Date.now());
      say(options.json ? JSON.stringify({ file, ...repair }) : describeRepair(file, repair));
    });
  journal
    .command('prune')
    .description(
      'forget the journal of sessions that ended before a date; the server must be stopped',
    )
    .argument('<file>', 'the store')
    .requiredOption(
      '--before <date>',
      'the first day that is kept, like 2026-01-31 (UTC)',
      parseDay,
    )
    .option('--json', 'print one JSON object')
    .action((file: string, { before, json }: { before: Date; json?: true }) => {
      const pruning = pruneStore(file, before.getTime());
      const day = before.toISOString().slice(0, 10);
      const text = `${pruning.sessions} sessions that ended before ${day}, with ${pruning.entries} entries, are gone from ${file}.`;
      say(json ? JSON.stringify({ file, before: day, ...pruning }) : text);
    });
  for (const command of journal.commands) command.exitOverride();
  return journal;
}

function parseDay(text: string): Date {
  const day = new Date(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime());
  // A day that does not exist, like 2026-02-30, would be read as another one.
  if (isDay && day.toISOString().startsWith(text)) return day;
  throw new InvalidArgumentError('Expected a day like 2026-01-31.');
}

function contents({ sessions, entries, leads }: StoreCheck): string {
  const total = leads.waiting + leads.reserved + leads.done;
  return (
    `${sessions.live} live and ${sessions.closed} closed sessions, ${entries} entries, ` +
    `${total} leads (${leads.waiting} waiting, ${leads.reserved} reserved, ${leads.done} done)`
  );
}

function describeCheck(file: string, check: StoreCheck): string {
  if (check.findings.length === 0) return `${file} is sound: ${contents(check)}.`;
  return [
    `${file} is damaged:`,
    ...check.findings.map((finding) => `  ${finding}`),
    `Stop the server and run "auto-connect journal repair ${file}", or restore a backup.`,
  ].join('\n');
}

function describeRepair(file: string, repair: Repair): string {
  if (repair.keptAs === null) return `${file} is sound: nothing to repair.`;
  const saved = Object.entries(repair.saved).map(([table, rows]) => `${table} ${rows}`);
  return [
    `${file} has been rebuilt; as it was, it is kept as ${repair.keptAs}.`,
    `Rows saved: ${saved.join(', ')}.`,
    ...(repair.torn.length > 0 ? [`Lost in part: ${repair.torn.join(', ')}.`] : []),
    ...(repair.closedSessions.length > 0
      ? [
          'These sessions were not whole and are closed; their agents sign in again, and their calls are not followed:',
          ...repair.closedSessions.map((session) => `  ${session}`),
        ]
      : []),
  ].join('\n');
}

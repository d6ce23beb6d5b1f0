/** Puts a restart into a recorded call: `npx tsx test/recordings/record/restarts.ts`. The calls that Twilio goes on with are the same. */
import { readFile, writeFile } from 'node:fs/promises';

const SESSION = 'session-00000000000001';
const RINGING = '"CallStatus":"ringing","ApiVersion":"2010-04-01","Direction":"outbound-api"';

await restartAfter('lead-hangs-up', '"path":"/twilio-webhook/bridging/', 'restart-in-the-talk');
await restartAfter('lead-hangs-up', RINGING, 'restart-while-it-rings');
// The reply to the create was under way: the process that had asked is gone.
await restartAfter('webhook-before-rest-reply', RINGING, 'restart-before-the-rest-reply');

async function restartAfter(source: string, mark: string, name: string): Promise<void> {
  const text = await readFile(`test/recordings/${source}.ndjson`, 'utf8');
  const lines = text.trimEnd().split('\n');
  const index = lines.findIndex((line) => line.includes(mark));
  const { at } = JSON.parse(lines[index] ?? '{}') as { at: string };
  const time = (ms: number): string => new Date(Date.parse(at) + ms).toISOString();
  const restart = { at: time(1), kind: 'restart' };
  const page = { at: time(2), kind: 'page', session: SESSION, attached: true };
  const added = [restart, page].map((entry) => JSON.stringify(entry));
  const all = [...lines.slice(0, index + 1), ...added, ...lines.slice(index + 1)];
  await writeFile(`test/recordings/${name}.ndjson`, `${all.join('\n')}\n`);
}

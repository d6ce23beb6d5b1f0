import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interpret } from '../../../src/replay/interpret.ts';
import { OurInvariants, type Break } from '../../../src/replay/our-invariants.ts';
import { readRecording } from '../../../src/replay/read-recording.ts';
import { replay, type Replayed } from '../../../src/replay/replayer.ts';
import { TwimlText } from '../../../src/replay/twiml-text.ts';

/** A file that holds this recording. */
export function written(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'explored-')), 'violation.ndjson');
  writeFileSync(file, text);
  return file;
}

/** What `replay` makes of a file with this text. */
export async function replayed(text: string): Promise<Replayed & { breaks: Break[] }> {
  const script = interpret(await readRecording(written(text)));
  const judge = new OurInvariants(new TwimlText('https://dialer.example.com'));
  const result = await replay(script, judge);
  judge.finish(result);
  return { ...result, breaks: judge.breaks };
}

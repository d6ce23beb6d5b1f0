import { interpret2019 } from './interpret-2019.ts';
import { interpretOurs } from './interpret-ours.ts';
import { hasOwnIds } from './own-paths.ts';
import type { Recording } from './recording.ts';
import type { Script } from './script.ts';

/** Our paths carry ids, those of 2019 do not; one such path tells which system was recorded. */
export function interpret(recording: Recording): Script {
  const isOurs = recording.entries.some(
    (entry) => entry.kind === 'signIn' || (entry.kind === 'request' && hasOwnIds(entry.path)),
  );
  return isOurs ? interpretOurs(recording) : interpret2019(recording);
}

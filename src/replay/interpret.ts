import { interpret2019 } from './interpret-2019.ts';
import type { Recording } from './recording.ts';
import type { Script } from './script.ts';

export function interpret(recording: Recording): Script {
  return interpret2019(recording);
}

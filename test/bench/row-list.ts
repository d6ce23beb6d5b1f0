import type { Row } from './result.ts';
import { bridge } from './rows/bridge.ts';
import { fanOut } from './rows/fan-out.ts';
import { memory } from './rows/memory.ts';
import { flatness } from './rows/flatness.ts';
import { journal } from './rows/journal.ts';
import { leadImport, network, replay } from './rows/commands.ts';
import { recovery } from './rows/recovery.ts';
import { start } from './rows/start.ts';
import { webhook } from './rows/webhook.ts';

/** In the order in which they are measured. */
export const ROWS: readonly Row[] = [
  webhook,
  flatness,
  bridge,
  fanOut,
  journal,
  start,
  memory,
  recovery,
  replay,
  network,
  leadImport,
];

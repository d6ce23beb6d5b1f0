import { pageFetch } from '../page-fetch.ts';
import { tabStore } from '../tab-store.ts';
import { TEXTS } from '../texts.ts';
import type { Figure, Scene } from './scene.ts';

export interface ReplayStep {
  at: number;
  event: string;
  scene: Scene;
}

interface Row {
  at: string;
  kind: string;
  event: string | null;
  followedBy: string[];
  session: { id: string; after: string } | null;
  call: { id: string; after: string } | null;
}

export interface OpenedReplay {
  name: string;
  steps: ReplayStep[];
  /** What the verdict says besides, a sentence each. */
  verdict: string[];
}

const TOO_LARGE = 413;
const TOO_MANY = 429;
const UNREADABLE = 422;

/**
 * What `replay FILE --json` printed is shown as it is; any other file the server replays: a raw log, a recording, a HAR
 * file. A text says why there is nothing to show.
 */
export async function openReplay(file: File): Promise<OpenedReplay | string> {
  const { name } = file;
  const printed = readReplay(await file.text());
  if (printed) return { name, ...printed };
  const path = `recordings/replay?name=${encodeURIComponent(name.slice(-200))}`;
  const init = { method: 'POST', body: file, type: 'application/octet-stream' } as const;
  const response = await pageFetch(tabStore, path, init).catch(() => null);
  if (response?.ok) {
    const replay = readReplay(await response.text());
    return replay && replay.steps.length > 0
      ? { name, ...replay }
      : TEXTS.machines.nothingHappens(name);
  }
  return whyNot(response);
}

async function whyNot(response: Response | null): Promise<string> {
  if (response?.status === TOO_LARGE) return TEXTS.machines.tooLarge;
  if (response?.status === TOO_MANY) return TEXTS.machines.busy;
  if (response?.status !== UNREADABLE) return TEXTS.machines.notReplayed;
  const { error } = (await response.json()) as { error: { reason: string } };
  return error.reason;
}

/** Reads what `replay FILE --json` printed; null where it is something else. */
export function readReplay(text: string): Omit<OpenedReplay, 'name'> | null {
  const printed = printedIn(text);
  const timeline = printed?.timeline;
  if (!Array.isArray(timeline) || !timeline.every(isRow)) return null;
  const figures = new Map<string, Figure>();
  const steps = timeline.map(({ at, kind, event, followedBy, session, call }) => {
    if (session) place(figures, 'agent-session', session);
    if (call) place(figures, 'outbound-call', call);
    return {
      at: Date.parse(at),
      event: [event ?? kind, ...followedBy].join(' → '),
      scene: {
        figures: [...figures.values()],
        taken: new Set<string>(),
        walked: new Set<string>(),
      },
    };
  });
  return { steps, verdict: verdictIn(printed ?? {}) };
}

interface Printed {
  timeline?: unknown;
  requests?: unknown;
  recognised?: unknown;
  breaks?: unknown;
}

function verdictIn({ requests, recognised, breaks }: Printed): string[] {
  const found = Array.isArray(breaks) ? (breaks as Record<string, unknown>[]) : [];
  return [
    TEXTS.machines.recognised(Number(recognised), Number(requests)),
    ...found.map(({ by, invariant, detail }) =>
      TEXTS.machines.broken(String(by), String(invariant), String(detail)),
    ),
  ];
}

function place(
  figures: Map<string, Figure>,
  chart: Figure['chart'],
  { id, after }: { id: string; after: string },
): void {
  const callId = chart === 'outbound-call' ? id : null;
  figures.set(id, { chart, sessionId: '', callId, label: labelOf(chart, id), state: after });
}

const labelOf = (chart: Figure['chart'], id: string): string =>
  chart === 'agent-session'
    ? TEXTS.machines.replayedAgent(id.slice(-4))
    : TEXTS.machines.replayedCall(id.slice(-4));

function printedIn(text: string): Printed | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    // Not JSON: somebody chose another file.
    return null;
  }
}

function isRow(row: unknown): row is Row {
  const { at, kind, followedBy, session, call } = row as Partial<Row>;
  const isChange = (change: unknown): boolean =>
    change === null ||
    (typeof (change as Row['call'])?.id === 'string' &&
      typeof (change as Row['call'])?.after === 'string');
  return (
    typeof at === 'string' &&
    typeof kind === 'string' &&
    Array.isArray(followedBy) &&
    isChange(session) &&
    isChange(call)
  );
}

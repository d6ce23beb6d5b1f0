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

/** Reads what `replay FILE --json` printed; null where it is something else. */
export function readReplay(text: string): ReplayStep[] | null {
  const timeline = timelineIn(text);
  if (timeline === null) return null;
  const figures = new Map<string, Figure>();
  return timeline.map(({ at, kind, event, followedBy, session, call }) => {
    if (session) place(figures, 'agent-session', session);
    if (call) place(figures, 'outbound-call', call);
    return {
      at: Date.parse(at),
      event: [event ?? kind, ...followedBy].join(' → '),
      scene: { figures: [...figures.values()], taken: new Set(), walked: new Set() },
    };
  });
}

function place(
  figures: Map<string, Figure>,
  chart: Figure['chart'],
  { id, after }: { id: string; after: string },
): void {
  const callId = chart === 'outbound-call' ? id : null;
  figures.set(id, { chart, sessionId: '', callId, label: id.slice(-6), state: after });
}

function timelineIn(text: string): Row[] | null {
  try {
    const { timeline } = JSON.parse(text) as { timeline?: unknown };
    return Array.isArray(timeline) && timeline.every(isRow) ? timeline : null;
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

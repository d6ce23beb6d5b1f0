import { Contestant } from '../contestant.ts';
import type { HeapPerSession } from '../contestants/memory.ts';
import { atMost, spread, type Row } from '../result.ts';

/** Heap that a session takes, beyond what its charts' actors take. */
export const memory: Row = {
  name: 'memory',
  async run({ isQuick }) {
    const sessions = isQuick ? 1000 : 10_000;
    // Once: heap hardly varies.
    const actors = [await heap('actors', sessions)];
    const whole = [await heap('dialer', sessions)];
    const kb = (read: (round: number) => number) =>
      spread(actors.map((_, round) => read(round) / 1000));
    const beyond = (figure: keyof HeapPerSession) =>
      kb((round) => (whole[round]?.[figure] ?? Number.NaN) - (actors[round]?.[figure] ?? 0));
    const line = (contestant: string, of: readonly HeapPerSession[]) => ({
      contestant,
      figures: {
        'kB per idle session': kb((round) => of[round]?.idleBytes ?? Number.NaN),
        'kB per session with 3 calls': kb((round) => of[round]?.dialingBytes ?? Number.NaN),
      },
    });
    return {
      row: 'memory',
      notes: [
        `Heap after garbage collection, ${sessions.toLocaleString('en')} sessions, no store. With 3 calls: they are placed and nobody has answered; each session’s code gate and leads included.`,
      ],
      lines: [line('the charts’ actors alone', actors), line('the dialer', whole)],
      aims: [
        atMost('≤ 6 kB per idle session beyond the machines’ own', 6, beyond('idleBytes')),
        atMost('≤ 20 kB per session with 3 calls beyond them', 20, beyond('dialingBytes')),
      ],
    };
  },
};

async function heap(kind: 'actors' | 'dialer', sessions: number): Promise<HeapPerSession> {
  const contestant = await Contestant.spawn(
    'memory.ts',
    { kind, sessions },
    { flags: ['--expose-gc'] },
  );
  const measured = await contestant.ask<HeapPerSession>('heap');
  await contestant.end();
  return measured;
}

import { Answering } from '../dialer/answering.ts';
import { DialIn } from '../dialer/dial-in.ts';
import { LiveSessions } from '../dialer/live-sessions.ts';
import type { DialerPorts, DialerSettings, ReplyKey } from '../dialer/ports.ts';
import type { SessionHost } from '../dialer/session-host.ts';
import type { SessionEvent } from '../domain/events.ts';
import type { Scene } from './scene.ts';
import type { ExploredSession } from './session.ts';

/** Explored time stands still: what the dialer asks of a clock here makes no difference. */
const PORTS = {
  clock: { now: () => 0, wakeAt: () => () => {}, notBefore: () => {} },
  random: { id: () => '', accessCode: () => 0 },
  report: () => {},
} as unknown as DialerPorts;
const SETTINGS = { dialInNumber: { e164: '+13155550100' } } as DialerSettings;

const nothing = (): void => {};

/** All that the dialer's own routing reads of a host, an explored session has too. */
const asHost = (session: ExploredSession): SessionHost => session as unknown as SessionHost;

/** The dialer's own way of bringing a request to the session that it names, over the sessions of this moment. */
export function deskOf({ world, sessions }: Pick<Scene, 'world' | 'sessions'>): Answering {
  const live = new LiveSessions();
  for (const session of sessions) {
    if (session.isClosed) continue;
    live.add(asHost(session));
    const calls = world.calls.filter(({ agent }) => agent === session.agent);
    live.addCalls(
      session.sessionId,
      calls.map(({ callId }) => callId),
    );
  }
  const deliver = (host: SessionHost, event: SessionEvent, reply?: ReplyKey): void => {
    const session = sessions.find(({ sessionId }) => sessionId === host.sessionId);
    session?.deliver(event, reply);
  };
  const dialIn = new DialIn(PORTS, SETTINGS, live, { deliver, touch: nothing });
  return new Answering(PORTS, live, dialIn, { deliver, touch: nothing, carryOut: nothing });
}

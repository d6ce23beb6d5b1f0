import { composeSession, type OrderSink } from '../dialer/compose.ts';
import type { JournalEntry } from '../dialer/ports.ts';
import { recoverSessions } from '../dialer/recovery.ts';
import type { SessionHost } from '../dialer/session-host.ts';
import type { CallId, SessionId } from '../domain/ids.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { stateOf } from './repeats.ts';
import type { ServerLife } from './server-life.ts';
import type { Shift } from './shift.ts';

/** An attempt whose leg is over ends within this time, even if no callback told of it (L3). */
const ENDED_WITHIN_MS = 180_000;
/** A leg that no attempt owns is ended within this time (L7). */
const OWNED_WITHIN_MS = 60_000;
/** A leg that is asked to end has ended, four requests later at the latest (L8). */
const HUNG_UP_WITHIN_MS = 60_000;

/** One page in so many is compared each time; each in its turn. */
const PAGES_LOOKED_AT = 4;

const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 160;

/** Where two texts begin to differ, in few words. */
function difference(is: string, shouldBe: string): string {
  let at = 0;
  while (at < is.length && is[at] === shouldBe[at]) at += 1;
  const part = (text: string): string =>
    text.slice(Math.max(0, at - SHOWN_BEFORE), at + SHOWN_AFTER);
  return `…${part(is)}… instead of …${part(shouldBe)}…`;
}

/** Looks at server, pages and ledger now and then, and when everything must be at rest. */
export class Sweep {
  static readonly everyMs = 30_000;
  readonly #shift: Shift;
  #looks = 0;
  readonly #unownedSince = new Map<string, number>();
  #endingSince = new Map<string, number>();

  constructor(shift: Shift) {
    this.#shift = shift;
  }

  whileWorking(): void {
    const { life, judge, clock, trouble } = this.#shift;
    if (!life?.isReady) return;
    const quietMs = clock.now() - trouble.lastAt;
    for (const host of life.dialer.sessions) {
      judge.session(host);
      judge.freeAgain.L4_whoIsToBeCalledIsCalled(host, quietMs);
      if (quietMs > ENDED_WITHIN_MS) this.#endsAreKnown(host);
    }
    judge.freeAgain.L4_aTalkThatIsOverIsWrappedUp();
    this.#endingEnds(life, quietMs);
    this.#legsAreOwned(life, quietMs);
    this.#pagesAreRight(life);
  }

  /** L10 The faults have stopped for long enough: every agent is ready or talks, and nothing is unknown. */
  atRest(): void {
    const { judge, agents, life, list } = this.#shift;
    if (judge.first) return;
    if (!life?.isReady) return judge.broken('L10', 'the server does not answer');
    for (let turn = 0; turn < PAGES_LOOKED_AT; turn++) this.whileWorking();
    for (const agent of agents) {
      const state = agent.view?.state ?? 'no page';
      if (state === 'consumerConnected' || state === 'bridged') continue;
      judge.broken('L10', `${agent.name} is ${state}`, agent.sessionId);
    }
    let held = 0;
    for (const host of life.dialer.sessions) {
      const { open, winner } = host.snapshot.context;
      held += open.length;
      const stray = open.find((callId) => callId !== winner?.callId);
      if (stray) judge.broken('L10', `${stray} is still open`, host.sessionId);
    }
    const reserved = list.list().filter(({ state }) => state === 'reserved').length;
    if (reserved !== held) judge.broken('L10', `${reserved} leads are reserved for ${held} calls`);
    for (const [sid, record] of judge.live) {
      if (!record.leg?.peer) judge.broken('L10', `${sid} still lives`, record.sessionId);
    }
    this.replayed(life);
  }

  /** Everybody has signed out: nothing is left, and the books agree. */
  closed(): void {
    const { judge, agents, life, list, network, options } = this.#shift;
    if (judge.first) return;
    for (const agent of agents) {
      if (!agent.isGone) judge.broken('L10', `${agent.name} cannot sign out`, agent.sessionId);
    }
    for (const { sessionId } of life?.dialer.sessions ?? []) {
      judge.broken('L10', `the session ${sessionId} is not closed`, sessionId);
    }
    for (const leg of network.exchange.legs.values()) {
      if (!leg.isOver) judge.broken('L7', `${leg.direction} ${leg.sid} still lives`);
    }
    for (const { state, callId, outcome, disposition } of list.list()) {
      if (state === 'reserved') judge.broken('L10', 'a lead is still reserved');
      const record = judge.calls.get(callId ?? '');
      if (record && record.outcome !== outcome) {
        judge.broken('D1', `${callId}: told ${record.outcome}, kept ${outcome}`, record.sessionId);
      }
      const said = callId === null ? undefined : this.#shift.acknowledged.dispositions.get(callId);
      if (said !== undefined && said !== disposition) {
        judge.broken('D1', `${callId}: acknowledged ${said}, kept ${disposition}`);
      }
    }
    judge.finish(options.faults === 'none');
  }

  /** S12 The state is the replay of the journal, of what is durable and what is about to be. */
  replayed({ dialer }: ServerLife): void {
    const { store, clock } = this.#shift;
    const entries = [...store.entriesWithPending()];
    const states = new Map([...dialer.sessions].map((host) => [host.sessionId, stateOf(host)]));
    clock.hold(this.#compare(entries, states));
  }

  async #compare(
    entries: readonly JournalEntry[],
    states: ReadonlyMap<SessionId, string>,
  ): Promise<void> {
    const { judge } = this.#shift;
    const journal = new MemoryJournal();
    journal.entries.push(...entries);
    const sink: OrderSink = { take: () => {} };
    const stage = { machine: composeSession(sink), sink, journal, onFailure: () => {} };
    const { sessions } = await recoverSessions(stage);
    const replayed = new Map(sessions.map(({ host }) => [host.sessionId, stateOf(host)]));
    for (const { host } of sessions) host.stop();
    for (const [sessionId, state] of states) {
      const again = replayed.get(sessionId) ?? 'nothing';
      if (again !== state)
        judge.broken('S12', `the replay differs: ${difference(state, again)}`, sessionId);
    }
  }

  #endsAreKnown(host: SessionHost): void {
    const { judge, clock } = this.#shift;
    for (const callId of host.snapshot.context.open) {
      const endedAt = judge.calls.get(callId)?.endedAt ?? null;
      if (endedAt === null || clock.now() - endedAt <= ENDED_WITHIN_MS) continue;
      const state = JSON.stringify(host.call(callId)?.value);
      const detail = `${callId} is ${state}, and its leg ended ${clock.now() - endedAt} ms ago`;
      judge.broken('L3', detail, host.sessionId);
    }
  }

  /** L8 Twilio is asked again until the leg has ended. */
  #endingEnds(life: ServerLife, quietMs: number): void {
    const { judge, clock } = this.#shift;
    const before = this.#endingSince;
    this.#endingSince = new Map();
    for (const { host, callId, sid } of this.#endingCalls(life)) {
      const since = before.get(sid) ?? clock.now();
      this.#endingSince.set(sid, since);
      if (Math.min(clock.now() - since, quietMs) <= HUNG_UP_WITHIN_MS) continue;
      const detail = `the leg of ${callId} lives since ${since}, and is to end`;
      judge.broken('L8', detail, host.sessionId);
    }
  }

  *#endingCalls({
    dialer,
  }: ServerLife): Iterable<{ host: SessionHost; callId: CallId; sid: string }> {
    for (const host of dialer.sessions) {
      for (const callId of host.snapshot.context.open) {
        const sid = this.#shift.judge.calls.get(callId)?.sid ?? null;
        if (sid === null || !this.#shift.judge.live.has(sid)) continue;
        if (host.call(callId)?.matches('ending')) yield { host, callId, sid };
      }
    }
  }

  #legsAreOwned(life: ServerLife, quietMs: number): void {
    const { judge, clock } = this.#shift;
    const owned = new Set<string>();
    for (const host of life.dialer.sessions) {
      for (const callId of host.snapshot.context.open) owned.add(callId);
    }
    for (const sid of this.#unownedSince.keys()) {
      if (!judge.live.has(sid)) this.#unownedSince.delete(sid);
    }
    for (const [sid, record] of judge.live) {
      if (owned.has(record.callId)) continue;
      const since = this.#unownedSince.get(sid) ?? clock.now();
      this.#unownedSince.set(sid, since);
      if (Math.min(clock.now() - since, quietMs) <= OWNED_WITHIN_MS) continue;
      judge.broken(
        'L7',
        `the leg of ${record.callId} has had no owner since ${since}`,
        record.sessionId,
      );
    }
  }

  /** S11 What a page was told last is what the server would say now; only where nothing is on its way. */
  #pagesAreRight({ dialer }: ServerLife): void {
    const { agents, judge, store } = this.#shift;
    if (!store.isIdle) return;
    this.#looks += 1;
    for (const [index, { isAtWork, sessionId, view }] of agents.entries()) {
      if (index % PAGES_LOOKED_AT !== this.#looks % PAGES_LOOKED_AT || !isAtWork) continue;
      if (sessionId === null) continue;
      const right = JSON.stringify(dialer.view(sessionId));
      if (JSON.stringify(view) !== right) {
        judge.broken(
          'S11',
          `the page shows ${JSON.stringify(view)}; it should be ${right}`,
          sessionId,
        );
      }
    }
  }
}

import type { AgentCommand } from '../domain/events.ts';
import type { CallId, SessionId } from '../domain/ids.ts';
import { DISPOSITIONS } from '../domain/outcome.ts';
import type { SessionView } from '../domain/session-view.ts';
import type { PageNotice } from '../http/page-hub.ts';
import type { Handset } from '../simulator/handset.ts';
import type { Random, Range } from '../simulator/random.ts';
import type { VirtualClock } from '../simulator/virtual-clock.ts';
import { PageLink } from './page-link.ts';
import type { ServerLife } from './server-life.ts';

/** What the server has told agents is done: it must be found again, whatever died since. */
export interface Acknowledged {
  session(sessionId: SessionId): void;
  command(sessionId: SessionId, command: AgentCommand): void;
}

export interface RobotOptions {
  name: string;
  number: string;
  clock: VirtualClock;
  random: Random;
  handset: Handset;
  /** The process that answers now, if any. */
  server: () => ServerLife | null;
  acknowledged: Acknowledged;
}

/** How long she takes over things, in milliseconds. */
const TAKES = {
  aGlance: [300, 1500],
  findingTheKeys: [1500, 4000],
  dialing: [1500, 5000],
  wrappingUp: [3000, 30_000],
  aTalk: [10_000, 120_000],
  aBreak: [60_000, 600_000],
  reopening: [500, 30_000],
  beingAway: [100_000, 300_000],
} satisfies Record<string, Range>;

/** One in so many of her calls ends, or goes on, in an odd way. */
const CHANCE = {
  hangsUpFirst: 0.3,
  putsThePhoneDown: 0.01,
  pauses: 0.01,
  breaks: 0.006,
  otherLines: 0.01,
  autoNext: 0.005,
  signsOut: 0.001,
  walksOut: 0.03,
  closesTheLid: 0.02,
  talksOnAlone: 0.02,
  changesHerMind: 0.05,
  phonesBeforeDisposing: 0.5,
  losesPage: 0.003,
  staysAway: 0.2,
  keysWrong: 0.05,
  keysNothing: 0.03,
  keepsKeyingWrong: 0.02,
  corrects: 0.02,
};

/** Three prompts take less. */
const GIVES_UP_DIALING_MS = 60_000;

/** An agent who works through the list all day: phones in, calls, talks, disposes, has breaks, and does odd things now and then. */
export class RobotAgent {
  view: SessionView | null = null;
  readonly #options: RobotOptions;
  #link: PageLink | null = null;
  #sessionId: SessionId | null = null;
  #timer: unknown = null;
  #dueAt = Infinity;
  #isBusy = false;
  #mood: 'working' | 'finishing' | 'leaving' | 'gone' = 'working';
  /** What she decided about the talk that she is in. */
  #talk: { callId: string; endsAt: number } | null = null;
  #restsUntil = 0;
  #dialedAt = 0;
  /** Keys a wrong code at every prompt of this call. */
  #isStubborn = false;
  #disposed: CallId | null = null;

  constructor(options: RobotOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get isGone(): boolean {
    return this.#mood === 'gone';
  }

  get sessionId(): SessionId | null {
    return this.#sessionId;
  }

  /** Whether she sits before an open page. */
  get isAtWork(): boolean {
    return this.#link?.isOpen === true && this.view !== null;
  }

  start(afterMs: number): void {
    this.#soon([afterMs, afterMs]);
  }

  /** Takes no new calls and does nothing odd any more. */
  finish(): void {
    if (this.#mood === 'working') this.#mood = 'finishing';
    this.#restsUntil = 0;
    this.#talk = null;
    this.#soon(TAKES.aGlance);
  }

  leave(): void {
    if (this.#mood !== 'gone') this.#mood = 'leaving';
    this.#soon(TAKES.aGlance);
  }

  /** Her page loses its connection. */
  cut(): void {
    this.#link?.cut();
    this.#lost('broken');
  }

  /** The telephone asks for the code. */
  prompted(): void {
    const { clock, random, handset } = this.#options;
    clock.setTimeout(() => {
      const code = this.view?.dialIn.accessCode;
      if (!handset.leg || code === null || code === undefined) return;
      const isWorking = this.#mood === 'working';
      if (isWorking && random.chance(CHANCE.keysNothing)) return;
      const isWrong = isWorking && (this.#isStubborn || random.chance(CHANCE.keysWrong));
      handset.press(isWrong ? '000000' : code);
    }, random.within(TAKES.findingTheKeys));
  }

  #told(notice: PageNotice): void {
    if (notice.type !== 'view') return;
    const before = this.view;
    this.view = notice.view;
    if (before?.state === notice.view.state && before.mode === notice.view.mode) {
      if (before.dialIn.accessCode === notice.view.dialIn.accessCode) return;
    }
    this.#soon(TAKES.aGlance);
  }

  #lost(why: 'broken' | 'replaced' | 'ended', isForLong = false): void {
    this.#link = null;
    this.view = null;
    if (why === 'ended') this.#signedOut();
    const isAway = this.#mood === 'working' && this.#options.random.chance(CHANCE.staysAway);
    this.#soon(isAway || isForLong ? TAKES.beingAway : TAKES.reopening);
  }

  #signedOut(): void {
    this.#sessionId = null;
    if (this.#mood === 'leaving') this.#mood = 'gone';
  }

  /** Looks again after a while; sooner, if that was meant to be later. */
  #soon(range: Range): void {
    const { clock, random } = this.#options;
    const at = clock.now() + random.within(range);
    if (at >= this.#dueAt || this.#mood === 'gone') return;
    clock.clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = clock.setTimeout(() => {
      this.#dueAt = Infinity;
      void this.#act();
    }, at - clock.now());
  }

  async #act(): Promise<void> {
    if (this.#isBusy || this.#mood === 'gone') return;
    this.#isBusy = true;
    const next = await (this.#link?.isOpen ? this.#work() : this.#enter());
    this.#isBusy = false;
    if (next) this.#soon(next);
  }

  async #enter(): Promise<Range | null> {
    const life = this.#options.server();
    if (!life?.isReady) return TAKES.reopening;
    const events = {
      told: (notice: PageNotice) => this.#told(notice),
      closed: (why: 'broken' | 'replaced' | 'ended') => this.#lost(why),
    };
    if (this.#sessionId !== null) {
      this.#link = PageLink.resume(life, this.#sessionId, events);
      if (this.#link === null) this.#signedOut();
    }
    if (this.#link === null && this.#mood !== 'gone') {
      this.#link = await PageLink.signIn(life, this.#options.name, events);
      if (this.#link) this.#options.acknowledged.session(this.#link.sessionId);
    }
    this.#sessionId = this.#link?.sessionId ?? null;
    return TAKES.aGlance;
  }

  /** The next thing to do, and when to look again without being told. */
  async #work(): Promise<Range | null> {
    const { view } = this;
    const { random, clock } = this.#options;
    if (!view) return TAKES.aGlance;
    if (this.#mood === 'working' && random.chance(CHANCE.losesPage)) {
      this.cut();
      return null;
    }
    if (view.state === 'completed') return TAKES.reopening;
    if (this.#walksOut(view)) {
      await this.#order({ type: 'agent.signOut' });
      return TAKES.reopening;
    }
    if (view.wrapUp && view.mode === 'wrappingUp' && !this.#phonesFirst(view)) {
      return this.#dispose(view.wrapUp.callId);
    }
    if (view.state === 'bridged' && view.talk) return this.#talkTo(view.talk.callId);
    if (this.#mood === 'leaving') return this.#leave(view);
    if (clock.now() < this.#restsUntil) {
      const leftMs = this.#restsUntil - clock.now();
      return [leftMs, leftMs];
    }
    if (!view.phoneConnected) return this.#phoneIn();
    if (this.#mood === 'finishing') return this.#windDown(view);
    if (view.state === 'dialing') return this.#waitForAnAnswer();
    if (view.state === 'queued' && random.chance(CHANCE.changesHerMind)) {
      await this.#order({ type: 'agent.hangUp' });
    }
    if (view.state === 'consumerConnected') return this.#callOrRest();
    return [20_000, 40_000];
  }

  /** Her phone is gone and a word on the talk is owed: either may come first. */
  #phonesFirst({ phoneConnected }: SessionView): boolean {
    const isWorking = this.#mood === 'working' && !phoneConnected;
    return isWorking && this.#options.random.chance(CHANCE.phonesBeforeDisposing);
  }

  /** Signs out in the middle of it: phones ring, a lead is being handed over, or they talk. */
  #walksOut({ calls }: SessionView): boolean {
    const isInTheMiddle = this.#mood === 'working' && calls.length > 0;
    return isInTheMiddle && this.#options.random.chance(CHANCE.walksOut);
  }

  /** Nobody is called any more: those who still ring are let go. */
  async #windDown({ state }: SessionView): Promise<Range> {
    if (state === 'dialing') await this.#order({ type: 'agent.pause' });
    return [5000, 10_000];
  }

  async #leave({ state }: SessionView): Promise<Range> {
    if (state === 'dialing') await this.#order({ type: 'agent.pause' });
    else if (state !== 'queued') await this.#order({ type: 'agent.signOut' });
    return TAKES.aGlance;
  }

  /** A line that the server knows nothing of is put down, and the number dialed again. */
  #phoneIn(): Range {
    const { handset, number, clock, random } = this.#options;
    if (handset.leg === null) {
      handset.dial(number);
      this.#dialedAt = clock.now();
      this.#isStubborn = random.chance(CHANCE.keepsKeyingWrong);
    } else if (clock.now() - this.#dialedAt > GIVES_UP_DIALING_MS) handset.hangUp();
    return [10_000, 20_000];
  }

  async #waitForAnAnswer(): Promise<Range> {
    const { random } = this.#options;
    if (random.chance(CHANCE.pauses)) {
      await this.#order({ type: random.chance(0.5) ? 'agent.pause' : 'agent.hangUp' });
    }
    if (random.chance(CHANCE.otherLines)) {
      const more = this.#order({ type: 'agent.setLines', lines: random.int(1, 4) });
      if (random.chance(0.5)) this.cut();
      await more;
    }
    return [10_000, 40_000];
  }

  async #callOrRest(): Promise<Range> {
    const { random, clock, handset } = this.#options;
    if (random.chance(CHANCE.breaks)) {
      this.#restsUntil = clock.now() + random.within(TAKES.aBreak);
      if (random.chance(0.5)) handset.hangUp();
      else await this.#order({ type: 'agent.pause' });
      return TAKES.aGlance;
    }
    if (random.chance(CHANCE.signsOut)) await this.#order({ type: 'agent.signOut' });
    else {
      if (random.chance(CHANCE.otherLines)) {
        await this.#order({ type: 'agent.setLines', lines: random.int(1, 4) });
      }
      if (random.chance(CHANCE.autoNext)) {
        await this.#order({ type: 'agent.setAutoNext', on: random.chance(0.5) });
      }
      if (random.chance(CHANCE.corrects)) await this.#correct();
      const calling = this.#order({ type: 'agent.callLeads' });
      if (random.chance(CHANCE.closesTheLid)) this.cut();
      await calling;
    }
    return [3000, 6000];
  }

  /** Another word on the talk that she disposed of last; by then it may be too long ago. */
  async #correct(): Promise<void> {
    const { random, name } = this.#options;
    const talk = this.view?.recent.find(({ callId }) => callId === this.#disposed);
    if (!talk?.disposition) return;
    const disposition = random.pick(DISPOSITIONS);
    await this.#order({ type: 'agent.correct', callId: talk.callId, disposition, notes: name });
  }

  async #dispose(callId: CallId): Promise<Range> {
    const { random, name } = this.#options;
    if (this.#talk?.callId === callId) {
      this.#talk = null;
      return this.#mood === 'working' ? TAKES.wrappingUp : TAKES.aGlance;
    }
    const disposition = random.pick(DISPOSITIONS);
    await this.#order({ type: 'agent.dispose', callId, disposition, notes: name });
    this.#disposed = callId;
    return TAKES.aGlance;
  }

  async #talkTo(callId: string): Promise<Range> {
    const { random, clock, handset } = this.#options;
    if (this.#talk?.callId !== callId) {
      const isHers = this.#mood !== 'working' || random.chance(CHANCE.hangsUpFirst);
      const talkMs = random.within(this.#mood === 'working' ? TAKES.aTalk : [5000, 20_000]);
      this.#talk = { callId, endsAt: isHers ? clock.now() + talkMs : Infinity };
      if (this.#mood === 'working' && random.chance(CHANCE.talksOnAlone)) {
        this.#link?.cut();
        this.#lost('broken', true);
        return TAKES.beingAway;
      }
    }
    const leftMs = this.#talk.endsAt - clock.now();
    if (leftMs > 0) return leftMs === Infinity ? [60_000, 60_000] : [leftMs, leftMs];
    this.#talk.endsAt = clock.now() + 15_000; // If that is not heard, once more.
    if (this.#mood === 'working' && random.chance(CHANCE.putsThePhoneDown)) handset.hangUp();
    else await this.#order({ type: 'agent.hangUp' });
    return [15_000, 15_000];
  }

  async #order(command: AgentCommand): Promise<void> {
    const link = this.#link;
    const result = (await link?.command(command)) ?? null;
    if (link && result?.kind === 'done') {
      this.#options.acknowledged.command(link.sessionId, command);
    }
  }
}

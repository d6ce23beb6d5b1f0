import { DISPOSITIONS, type Disposition } from '../domain/outcome.ts';
import type { Method, Params, View } from '../protocol/messages.ts';
import type { Handset } from '../simulator/handset.ts';
import type { Random } from '../simulator/random.ts';
import { PageLink, type Answer } from './page-link.ts';

/** What the server has told an agent is done: it must be found again, whatever died since. */
export interface Acknowledgements {
  /** Sessions that she was let into. */
  sessions: Set<string>;
  /** Commands, by session and type. */
  commands: Map<string, number>;
  /** The last acknowledged word on each talk. */
  dispositions: Map<string, Disposition>;
  /** Outcomes that her page was told. */
  outcomes: Map<string, string>;
  answered: Set<string>;
  /** Sessions that were refused to her although she came back with their token. */
  refused: Set<string>;
}

export const noAcknowledgements = (): Acknowledgements => ({
  sessions: new Set(),
  commands: new Map(),
  dispositions: new Map(),
  outcomes: new Map(),
  answered: new Set(),
  refused: new Set(),
});

export interface RobotOptions {
  name: string;
  url: string;
  dials: string;
  handset: Handset;
  random: Random;
  acks: Acknowledgements;
  /** Something has left the server: called in that tick. */
  heard: () => void;
  /** A command was acknowledged: called in that tick. */
  acknowledged: () => void;
}

const TICK_MS = 15;
const SESSION_OVER = 4401;
const PROMPTS = ['Enter your access code.', 'No code heard.', 'That code did not work.'];

/** An agent who works through her list, does odd things now and then, and comes back whatever dies. */
export class RobotAgent {
  view: View | null = null;
  /** What did not work as it must, in words. */
  readonly complaints: string[] = [];
  readonly #options: RobotOptions;
  #link: PageLink | null = null;
  #token: string | null = null;
  #isEntering = false;
  #isBusy = false;
  #keyed = -1;
  #talk: { callId: string; until: number } | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** `leaving`: finishes what she is at and signs out. */
  #mood: 'working' | 'leaving' | 'gone' = 'working';
  #dialAgainAt = 0;

  constructor(options: RobotOptions) {
    this.#options = options;
  }

  get isGone(): boolean {
    return this.#mood === 'gone';
  }

  /** Whether she sees the server's word on her session on a socket of its present life. */
  get isInformed(): boolean {
    return this.#mood === 'gone' || (this.#link?.isOpen === true && this.view !== null);
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  leave(): void {
    if (this.#mood === 'working') this.#mood = 'leaving';
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#link?.drop();
  }

  #tick(): void {
    if (this.#mood === 'gone' || this.#isEntering) return;
    if (!this.#link?.isOpen) {
      this.#isEntering = true;
      void this.#enter().finally(() => (this.#isEntering = false));
      return;
    }
    if (!this.view) return;
    this.#usePhone(this.view);
    if (this.#isBusy) return;
    this.#isBusy = true;
    void this.#work(this.view).finally(() => (this.#isBusy = false));
  }

  async #enter(): Promise<void> {
    this.view = null;
    const { url, acks, heard } = this.#options;
    const link = await PageLink.open(url, {
      heard,
      viewed: (view) => (this.view = view),
      ended: (callId, outcome) => this.#noteOutcome(callId, outcome),
      answered: (callId) => void acks.answered.add(callId),
    });
    if (!link) return;
    this.#link = link;
    const answer = await (this.#token === null
      ? link.request('agent.signIn', { name: this.#options.name })
      : link.request('agent.resume', { token: this.#token }));
    if (answer.kind === 'done' && answer.token !== null) {
      this.#token = answer.token;
      acks.sessions.add(sessionOf(answer.token));
      return;
    }
    link.drop();
    if (answer.kind !== 'refused') return;
    if (answer.code !== SESSION_OVER || this.#token === null) {
      this.complaints.push(`refused at the door: ${answer.reason}`);
      return;
    }
    acks.refused.add(sessionOf(this.#token));
    this.#token = null;
    if (this.#mood === 'leaving') this.#mood = 'gone';
  }

  #noteOutcome(callId: string, outcome: string): void {
    const { outcomes } = this.#options.acks;
    const told = outcomes.get(callId);
    if (told !== undefined && told !== outcome) {
      this.complaints.push(`call ${callId} ended twice: ${told}, ${outcome}`);
    }
    outcomes.set(callId, outcome);
  }

  /** She phones in, keys what the page shows, and now and then the line breaks. */
  #usePhone(view: View): void {
    const { handset, random, dials } = this.#options;
    const { phase } = handset.view();
    if (phase === 'idle') {
      this.#keyed = -1;
      const wanted = !view.phoneConnected && view.dialIn.accessCode !== null;
      if (!wanted || this.#mood !== 'working' || Date.now() < this.#dialAgainAt) return;
      handset.dial(dials);
      return;
    }
    const prompts = handset.heard.filter(({ text }) => PROMPTS.some((p) => text.includes(p)));
    const last = prompts.at(-1);
    if (last && last.id !== this.#keyed && view.dialIn.accessCode !== null) {
      this.#keyed = last.id;
      handset.press(view.dialIn.accessCode);
    } else if (random.chance(0.0005)) {
      this.#dialAgainAt = Date.now() + random.int(0, 1000);
      handset.hangUp();
    }
  }

  async #work(view: View): Promise<void> {
    const { random } = this.#options;
    if (view.state === 'completed') return this.#signedOut();
    if (this.#mood === 'leaving') return this.#finish(view);
    if (random.chance(0.001)) return this.#link?.drop();
    if (random.chance(0.0005)) return void (await this.#order('agent.signOut', {}));
    if (random.chance(0.001)) {
      return void (await this.#order('agent.setLines', { lines: random.int(1, 3) }));
    }
    if (view.wrapUp && view.mode === 'wrappingUp') return this.#dispose(view.wrapUp.callId);
    if (view.talk) return this.#talkTo(view.talk.callId);
    if (view.state === 'dialing' && random.chance(0.002)) {
      return void (await this.#order('agent.pause', {}));
    }
    if (view.state === 'consumerConnected') return void (await this.#order('agent.callLeads', {}));
  }

  async #finish(view: View): Promise<void> {
    if (view.wrapUp) return this.#dispose(view.wrapUp.callId);
    if (view.state === 'bridged') return void (await this.#order('agent.hangUp', {}));
    if (view.state === 'dialing') return void (await this.#order('agent.pause', {}));
    if (view.state === 'queued') return;
    await this.#order('agent.signOut', {});
  }

  #signedOut(): void {
    this.#link?.drop();
    this.#token = null;
    if (this.#mood === 'leaving') this.#mood = 'gone';
  }

  async #dispose(callId: string): Promise<void> {
    const { random, acks, name } = this.#options;
    const disposition = random.pick(DISPOSITIONS);
    const answer = await this.#order('agent.dispose', { callId, disposition, notes: name });
    if (answer.kind === 'done') acks.dispositions.set(callId, disposition);
  }

  async #talkTo(callId: string): Promise<void> {
    const { random } = this.#options;
    if (this.#talk?.callId !== callId) {
      this.#talk = { callId, until: Date.now() + random.int(0, 2500) };
    }
    if (Date.now() < this.#talk.until) return;
    this.#talk = { callId, until: Date.now() + 2000 };
    await this.#order('agent.hangUp', {});
  }

  async #order<M extends Method>(method: M, params: Params<M>): Promise<Answer> {
    const sessionId = this.view?.sessionId ?? '';
    const answer = (await this.#link?.request(method, params)) ?? { kind: 'lost' };
    if (answer.kind === 'done') {
      const key = `${sessionId} ${method}`;
      const { commands } = this.#options.acks;
      commands.set(key, (commands.get(key) ?? 0) + 1);
      this.#options.acknowledged();
    }
    return answer;
  }
}

const sessionOf = (token: string): string => token.split('.')[0] ?? '';

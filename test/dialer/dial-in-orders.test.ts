import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import type { TwimlPlan } from '../../src/domain/twiml-plan.ts';
import type { WebhookRequest } from '../../src/domain/webhook.ts';
import { agentSid, Floor } from '../support/floor.ts';

/**
 * Two phones dial in for two agents: right codes, void ones, silence, requests that come again, hang-ups, codes that run
 * out. What each answer must be is told here once more, apart from the gate.
 */
const MOST_STEPS = 5;
const CODE_LIFE_MS = 60_000;
const TRIES = 3;
const AGENTS = [0, 1] as const;
const LEGS = [0, 1] as const;

type Index = 0 | 1;
type Step =
  | { do: 'dials'; leg: Index }
  | { do: 'keysCodeOf'; leg: Index; agent: Index }
  | { do: 'keysVoidCode' | 'keysNothing' | 'asksAgain' | 'hangsUp'; leg: Index }
  | { do: 'codesRunOut' };

type Keyed = Extract<WebhookRequest, { kind: 'codeKeyed' }>;

const PHASES = ['unknown', 'prompted', 'dismissed', 'connected', 'gone'] as const;

interface Leg {
  phase: (typeof PHASES)[number];
  step: number;
  wrong: number;
  silent: number;
  last: { request: Keyed; plan: TwimlPlan } | null;
}

/** What must be the case, and the floor where it should be. */
class Story {
  readonly faults: { expected: unknown; found: unknown }[] = [];
  readonly #floor: Floor;
  readonly legs: readonly [Leg, Leg] = [newLeg(), newLeg()];
  /** Whose phone is which leg; null: none. */
  readonly phones: [Index | null, Index | null] = [null, null];
  readonly #sessions: readonly [SessionId, SessionId];
  readonly #dials: [number, number] = [0, 0];
  /** Opens nothing; if there was one, a code that did once. */
  #voidCode = '999999';

  private constructor(floor: Floor, sessions: readonly [SessionId, SessionId]) {
    this.#floor = floor;
    this.#sessions = sessions;
  }

  static async of(steps: readonly Step[]): Promise<Story> {
    const floor = new Floor({ accessCodeLifeMs: CODE_LIFE_MS });
    const story = new Story(floor, [await floor.signIn('ada'), await floor.signIn('grace')]);
    for (const step of steps) await story.#take(step);
    return story;
  }

  async end(): Promise<void> {
    await this.#floor.dialer.close();
  }

  /** Two stories that agree on this go on alike: phones and agents may change places. */
  get state(): string {
    const legs = this.legs.map(({ last, ...leg }) => ({ ...leg, last: last?.plan.plan }));
    return legs
      .map((leg) => JSON.stringify(leg))
      .toSorted()
      .join();
  }

  get next(): Step[] {
    return [...LEGS.flatMap((leg) => this.#nextOf(leg)), { do: 'codesRunOut' }];
  }

  #nextOf(leg: Index): Step[] {
    const { phase, last } = this.legs[leg];
    const again: Step[] = last ? [{ do: 'asksAgain', leg }] : [];
    if (phase === 'gone') return again;
    if (phase === 'connected') return [...again, { do: 'hangsUp', leg }];
    const waiting = AGENTS.filter((agent) => this.phones[agent] === null);
    return [
      ...again,
      { do: 'dials', leg },
      { do: 'keysVoidCode', leg },
      { do: 'keysNothing', leg },
      ...waiting.map((agent): Step => ({ do: 'keysCodeOf', leg, agent })),
    ];
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case 'dials':
        return this.#dial(step.leg);
      case 'keysCodeOf':
        return this.#keyCodeOf(step.leg, step.agent);
      case 'keysVoidCode':
        return this.#key(step.leg, this.#voidCode, null);
      case 'keysNothing':
        return this.#key(step.leg, '', null);
      case 'asksAgain':
        return this.#askAgain(step.leg);
      case 'hangsUp':
        return this.#hangUp(step.leg);
      case 'codesRunOut':
        this.#voidCode = this.#codes()[0] ?? this.#voidCode;
        await this.#floor.clock.advance(CODE_LIFE_MS);
        this.#check();
    }
  }

  async #dial(index: Index): Promise<void> {
    const leg = this.legs[index];
    const heard = await this.#floor.ask({ kind: 'consume', sid: agentSid(index) });
    this.#mustBe(prompt(index, 1, 'greeting'), heard);
    if (leg.phase === 'unknown') leg.phase = 'prompted';
  }

  async #keyCodeOf(index: Index, agent: Index): Promise<void> {
    const code = this.#codeOf(agent) ?? '';
    await this.#key(index, code, agent);
    if (this.phones[agent] === index) this.#voidCode = code;
  }

  async #key(index: Index, digits: string, owner: Index | null): Promise<void> {
    const leg = this.legs[index];
    const request: Keyed = { kind: 'codeKeyed', sid: agentSid(index), step: leg.step, digits };
    const plan = this.#expected(index, digits, owner);
    this.#mustBe(plan, await this.#floor.ask(request));
    leg.last = { request, plan };
    leg.step += 1;
    this.#check();
  }

  /** What the leg must hear, and what is so afterwards. */
  #expected(index: Index, digits: string, owner: Index | null): TwimlPlan {
    const leg = this.legs[index];
    if (leg.phase === 'dismissed') return { plan: 'hangUp' };
    if (leg.phase === 'unknown') {
      leg.phase = 'prompted'; // As after a restart: whoever it is is asked anew.
      return prompt(index, leg.step + 1, 'greeting');
    }
    if (owner !== null) return this.#connected(index, owner);
    const after = digits === '' ? 'silence' : 'wrong';
    const tries = digits === '' ? ++leg.silent : ++leg.wrong;
    if (tries < TRIES) return prompt(index, leg.step + 1, after);
    leg.phase = 'dismissed';
    return { plan: 'dismiss', after };
  }

  #connected(index: Index, owner: Index): TwimlPlan {
    this.legs[index].phase = 'connected';
    this.phones[owner] = index;
    this.#dials[owner] += 1;
    const [sessionId, step] = [this.#sessions[owner], this.#dials[owner]];
    return { plan: 'dialQueue', sessionId, step, greet: true, pauseSeconds: 0 };
  }

  /** It hears the same, and nothing changes. */
  async #askAgain(index: Index): Promise<void> {
    const { last } = this.legs[index];
    if (!last) throw new Error('it has not asked');
    this.#mustBe(last.plan, await this.#floor.ask(last.request));
    this.#check();
  }

  async #hangUp(index: Index): Promise<void> {
    const owner = this.phones[0] === index ? 0 : 1;
    await this.#floor.ask({
      kind: 'stopConsuming',
      sessionId: this.#sessions[owner],
      step: this.#dials[owner],
      sid: agentSid(index),
      callStatus: 'completed',
      result: null,
      leadSid: null,
    });
    this.legs[index].phase = 'gone';
    this.phones[owner] = null;
    this.#check();
  }

  /** A session has a code exactly while it has no phone, and no two have the same. */
  #check(): void {
    for (const agent of AGENTS) {
      const view = this.#floor.dialer.view(this.#sessions[agent]);
      const isConnected = this.phones[agent] !== null;
      this.#mustBe(isConnected, view?.phoneConnected);
      this.#mustBe(isConnected, view?.dialIn.accessCode === null);
    }
    this.#mustBe(this.#codes().length, new Set(this.#codes()).size);
  }

  #mustBe(expected: unknown, found: unknown): void {
    if (!isDeepStrictEqual(found, expected)) this.faults.push({ expected, found });
  }

  #codeOf(agent: Index): string | null {
    return this.#floor.dialer.view(this.#sessions[agent])?.dialIn.accessCode ?? null;
  }

  #codes(): string[] {
    return AGENTS.flatMap((agent) => this.#codeOf(agent) ?? []);
  }
}

const newLeg = (): Leg => ({ phase: 'unknown', step: 1, wrong: 0, silent: 0, last: null });

const prompt = (leg: Index, step: number, after: 'greeting' | 'wrong' | 'silence'): TwimlPlan => ({
  plan: 'promptCode',
  sid: agentSid(leg),
  step,
  after,
});

test(`in every order of up to ${MOST_STEPS} steps a code connects one phone to one session`, async () => {
  let ends: Step[][] = [[]];
  const seen = new Set<string>();
  for (let length = 0; length <= MOST_STEPS; length++) {
    const longer: Step[][] = [];
    for (const steps of ends) {
      const story = await Story.of(steps);
      await story.end();
      expect({ steps, faults: story.faults }).toEqual({ steps, faults: [] });
      if (seen.has(story.state)) continue;
      seen.add(story.state);
      longer.push(...story.next.map((step) => [...steps, step]));
    }
    ends = longer;
  }
  for (const phase of PHASES) expect([...seen].some((state) => state.includes(phase))).toBe(true);
});

import {
  endByRest,
  endPhone,
  fail,
  isInDial,
  make,
  movesOf,
  obey,
  place,
} from '../../../src/explorer/twilio-model.ts';
import {
  agentAt,
  modelCall,
  type Flight,
  type ModelAgent,
  type Request,
  type World,
} from '../../../src/explorer/world.ts';
import type { CallId, CallSid } from '../../../src/domain/ids.ts';
import type { TwimlPlan } from '../../../src/domain/twiml-plan.ts';
import type { WebhookRequest } from '../../../src/domain/webhook.ts';

/** What can be seen from our side of the wire, in the order in which it was seen. */
export type Observed =
  | { saw: 'create'; callId: CallId; sid: CallSid }
  | { saw: 'refusal'; callId: CallId }
  | { saw: 'end'; sid: CallSid; how: 'cancel' | 'complete' }
  | { saw: 'dismissal' }
  | { saw: 'request'; request: WebhookRequest; plan: TwimlPlan; isAgain: boolean };

/** What the network's ledger says at that moment. */
export interface Truth {
  calls: readonly { callId: CallId; status: string; wasAnswered: boolean; wasBridged: boolean }[];
  /** Legs of hers that are over. */
  phonesEnded: number;
}

/** Which of Twilio's requests for documents the scenario lets get lost, or which of our answers. */
export interface Losses {
  what: 'request' | 'answer';
  kind: Flight['kind'];
}

/** One way in which the model can explain what was seen so far. */
interface Reading {
  world: World;
  /** The steps of the model that it took, newest first. */
  steps: { name: string; before: Reading['steps'] } | null;
}

/**
 * Follows the explorer's model of Twilio beside the simulated network. What happens inside the network is not seen, so
 * every way in which the model may have come to what was seen is kept; when none is left the model forbids what happened.
 */
export class ModelWatcher {
  #readings: Reading[];
  readonly #calls: CallId[] = [];
  readonly #sids = new Map<CallSid, CallId>();
  readonly #mayLose: Losses | null;

  constructor(mayLose: Losses | null) {
    this.#mayLose = mayLose;
    this.#readings = [{ world: emptyWorld(), steps: null }];
  }

  /** Takes one observation; says what is wrong if no reading allows it. */
  see(observed: Observed, truth: Truth): string | null {
    const before = this.#readings;
    const all = this.#closure(truth);
    this.#readings = distinct(all.flatMap((reading) => this.#after(reading, observed)));
    if (this.#readings.length > 0) return null;
    this.#readings = before;
    return `the model forbids ${JSON.stringify(observed)}; it knows ${describe(all)}`;
  }

  /** The steps of a reading that ends as the ledger does, or why there is none. */
  finish(truth: Truth, mayLose: boolean): { steps: string[]; wrong: string | null } {
    const all = this.#closure(truth);
    const fits = all.find(({ world }) => this.#endsAs(world, truth, mayLose));
    if (!fits) return { steps: [], wrong: `ended as ${JSON.stringify(truth)}; ${describe(all)}` };
    const steps: string[] = [];
    for (let at = fits.steps; at; at = at.before) steps.push(at.name);
    return { steps, wrong: null };
  }

  #endsAs(world: World, { calls }: Truth, mayLose: boolean): boolean {
    if (!mayLose && world.flights.length > 0) return false;
    return calls.every(({ callId, status, wasBridged }) => {
      const call = world.calls[this.#calls.indexOf(callId)];
      return call !== undefined && call.status === modelled(status) && call.bridged === wasBridged;
    });
  }

  /** Everything that the network may have done unseen, as far as its ledger bears it out. */
  #closure(truth: Truth): Reading[] {
    const all = [...this.#readings];
    const known = new Set(all.map(keyOf));
    for (const reading of all) {
      for (const next of [...this.#lost(reading), ...unseen(reading)]) {
        if (!this.#mayBe(next.world, reading.world, truth)) continue;
        const key = keyOf(next);
        if (known.has(key)) continue;
        known.add(key);
        all.push(next);
      }
    }
    return all.filter(({ world }) => this.#isBorneOut(world, truth));
  }

  #lost(reading: Reading): Reading[] {
    if (this.#mayLose?.what !== 'request') return [];
    const { kind } = this.#mayLose;
    return reading.world.flights.flatMap((flight, index) =>
      flight.kind === kind
        ? take(reading, `lose:${flight.kind}`, (next) => {
            next.flights.splice(index, 1);
            fail(next, flight as Request);
          })
        : [],
    );
  }

  /** Whether what has newly happened in the model has happened in the network. */
  #mayBe(after: World, before: World, { calls, phonesEnded }: Truth): boolean {
    const { phone, phones } = herOf(after);
    const hasLeft = phone === 'away' && herOf(before).phone !== 'away';
    if (hasLeft && phonesEnded < phones) return false;
    return calls.every(({ callId, status, wasAnswered }) => {
      const index = this.#calls.indexOf(callId);
      const [now, then] = [after.calls[index], before.calls[index]];
      if (!now || !then) return true;
      if (now.answered && !then.answered) return wasAnswered;
      return now.leg !== 'ended' || then.leg === 'ended' || now.status === modelled(status);
    });
  }

  /** Whether what has happened in the network has happened in the model. */
  #isBorneOut(world: World, { calls }: Truth): boolean {
    return calls.every(({ callId, wasAnswered, wasBridged }) => {
      const call = world.calls[this.#calls.indexOf(callId)];
      return !call || (call.answered === wasAnswered && (call.bridged || !wasBridged));
    });
  }

  #after(reading: Reading, observed: Observed): Reading[] {
    switch (observed.saw) {
      case 'create':
      case 'refusal':
        return this.#created(reading, observed);
      case 'end': {
        const callId = this.#sids.get(observed.sid);
        const index = callId === undefined ? -1 : this.#calls.indexOf(callId);
        if (index < 0) return [];
        return [
          take(reading, `arrive:end:${observed.how}`, (world) => {
            endByRest(world, index, observed.how);
            forget(world, ({ kind }) => kind === 'fact'); // Told to the dialer by REST itself.
          }),
        ];
      }
      case 'dismissal':
        return [take(reading, 'arrive:dismiss', (world) => endPhone(world, 0, false))];
      case 'request':
        return this.#asked(reading, observed);
    }
  }

  #created(reading: Reading, observed: Extract<Observed, { callId: CallId }>): Reading[] {
    const { saw, callId } = observed;
    if (saw === 'create') this.#sids.set(observed.sid, callId);
    if (!this.#calls.includes(callId)) this.#calls.push(callId);
    const index = this.#calls.indexOf(callId);
    return [
      take(reading, saw === 'create' ? 'arrive:create' : 'refuse', (world) => {
        while (world.calls.length <= index) {
          world.calls.push({ ...modelCall(world.calls.length), agent: 0 });
        }
        if (saw === 'create') place(world, index);
      }),
    ];
  }

  #asked(reading: Reading, observed: Extract<Observed, { saw: 'request' }>): Reading[] {
    const { request, plan, isAgain } = observed;
    if (request.kind === 'consume') return [reading];
    if (isAgain) return [take(reading, `repeat:${request.kind}`, () => {})];
    if (request.kind === 'codeKeyed') {
      if (plan.plan !== 'dialQueue') return [reading];
      return herOf(reading.world).phone === 'away'
        ? [take(reading, 'dialIn', dialIn(plan.step))]
        : [];
    }
    return reading.world.flights.flatMap((flight, index) => {
      if (!this.#isFor(flight, request)) return [];
      const answered = take(reading, nameOf(flight), (next) => {
        next.flights.splice(index, 1);
        obey(next, flight as Request, plan);
        if (plan.plan === 'dialQueue') herOf(next).session.dialStep = plan.step;
      });
      if (this.#mayLose?.what !== 'answer' || this.#mayLose.kind !== flight.kind) return answered;
      const unanswered = take(reading, `loseAnswer:${flight.kind}`, (next) => {
        next.flights.splice(index, 1);
        fail(next, flight as Request);
        if (plan.plan === 'dialQueue') herOf(next).session.dialStep = plan.step;
      });
      return [answered, unanswered];
    });
  }

  #sidOf(index: number | null): CallSid | null {
    const callId = index === null ? null : this.#calls[index];
    return [...this.#sids].find(([, id]) => id === callId)?.[0] ?? null;
  }

  /** Whether this is the request that the model has on its way. */
  #isFor(flight: Flight, request: WebhookRequest): boolean {
    if (flight.kind === 'back') {
      return (
        request.kind === 'stopConsuming' &&
        request.step === flight.dial &&
        (request.callStatus === 'completed') === flight.gone &&
        request.result === flight.result &&
        request.leadSid === this.#sidOf(flight.lead)
      );
    }
    if (flight.kind === 'agentFallback') return isFallback(request, 'agent');
    if (!('call' in flight)) return false;
    const callId = this.#calls[flight.call];
    if (request.kind === 'bridging') {
      return (
        flight.kind === 'bridging' &&
        this.#sids.get(request.sid) === callId &&
        request.step === flight.dial
      );
    }
    if (flight.kind === 'leadFallback') {
      return isFallback(request, 'lead') && this.#sidOf(flight.call) === request.sid;
    }
    if (!('callId' in request) || request.callId !== callId) return false;
    if (flight.kind === 'progress' || flight.kind === 'completed') {
      return request.kind === 'callStatus' && modelled(request.status) === flight.status;
    }
    if (flight.kind === 'wait') {
      return request.kind === 'waiting' && (request.step === 1) === (flight.step === 1);
    }
    if (flight.kind === 'dequeued') {
      return request.kind === 'onDequeue' && request.result === flight.result;
    }
    return flight.kind === 'answer' && request.kind === 'enqueue';
  }
}

const isFallback = (request: WebhookRequest, leg: 'lead' | 'agent'): boolean =>
  request.kind === 'fallback' && request.leg === leg;

/** The charts take every end without an answer alike but for its name: the model's is `no-answer`. */
const modelled = (status: string): string =>
  status === 'busy' || status === 'failed' ? 'no-answer' : status;

function emptyWorld(): World {
  return {
    agents: [
      {
        session: { persisted: '', dialStep: 0, replies: [], expires: false },
        phone: 'away',
        phones: 0,
        partner: null,
        clicks: {} as never,
      },
    ],
    calls: [],
    flights: [],
    said: {},
    left: { duplicates: 0, losses: 0, restarts: 0 },
  };
}

/** One agent is watched. */
const herOf = (world: World): ModelAgent => agentAt(world, 0);

const dialIn = (dial: number) => (world: World) => {
  const her = herOf(world);
  her.phones += 1;
  her.phone = 'waiting';
  her.session.dialStep = dial;
};

function take({ world, steps }: Reading, name: string, change: (world: World) => void): Reading {
  const next = JSON.parse(JSON.stringify(world)) as World;
  change(next);
  return { world: next, steps: { name, before: steps } };
}

function forget(world: World, isGone: (flight: Flight) => boolean): void {
  world.flights = world.flights.filter((flight) => !isGone(flight));
}

function unseen(reading: Reading): Reading[] {
  const { world } = reading;
  const moves = world.calls.flatMap((_, index) => movesOf(world, index));
  return [
    ...moves.map((move) => take(reading, move.do, (next) => make(next, move))),
    ...(herOf(world).phone === 'waiting'
      ? [take(reading, 'dialTimesOut', (next) => make(next, { do: 'dialTimesOut', agent: 0 }))]
      : []),
    ...(isInDial(herOf(world)) ? [take(reading, 'leave', (next) => endPhone(next, 0, true))] : []),
  ];
}

function distinct(readings: readonly Reading[]): Reading[] {
  return [...new Map(readings.map((reading) => [keyOf(reading), reading])).values()];
}

function keyOf({ world }: Reading): string {
  const flights = world.flights.map((flight) => JSON.stringify(flight)).toSorted();
  const { phone, phones, partner } = herOf(world);
  return JSON.stringify([phone, phones, partner, world.calls, flights]);
}

function nameOf(flight: Flight): string {
  const name = `arrive:${flight.kind}`;
  if (flight.kind === 'progress' || flight.kind === 'completed') return `${name}:${flight.status}`;
  if (flight.kind === 'dequeued') return `${name}:${flight.result}`;
  if (flight.kind === 'back') return `${name}:${flight.result}${flight.gone ? ':gone' : ''}`;
  return flight.kind === 'wait' && flight.step > 1 ? `${name}:again` : name;
}

function describe(readings: readonly Reading[]): string {
  return readings
    .slice(0, 4)
    .map(
      ({ world }) =>
        `[phone ${herOf(world).phone}; ${world.calls.map(({ leg }) => leg).join(', ')}; ` +
        `${world.flights.map(nameOf).join(', ')}]`,
    )
    .join(' or ');
}

import { isDeepStrictEqual } from 'node:util';
import { SaxesParser } from 'saxes';
import { viewOf } from '../dialer/view.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { writeTwiml, type TwimlSettings } from '../twilio/twiml.ts';
import type { Happening } from './scene.ts';
import { ExploredSession, type ExploredStage } from './session.ts';
import {
  agentAt,
  callAt,
  isLive,
  isQuiet,
  type ModelCall,
  type SavedSession,
  type World,
} from './world.ts';

/** What an invariant may look at: the world before and after one step, and the step. */
export interface Moment {
  before: World;
  world: World;
  /** The session that is looked at; each is, after every step. */
  session: ExploredSession;
  sessions: readonly ExploredSession[];
  happening: Happening;
  /** Whether everything that was sent arrives and no timer runs: then rest must mean that all is settled. */
  isFaultless: boolean;
}

/** The calls that were placed for the agent of this session. */
const callsOf = ({ calls }: World, session: ExploredSession): ModelCall[] =>
  calls.filter(({ agent }) => agent === session.agent);

/** Says what is wrong, or null. Ids are those of the list in docs/testing.md. */
export type Invariant = (moment: Moment) => string | null;

const E1_noActorIsInError: Invariant = ({ session }) =>
  session.error === null
    ? null
    : `an actor failed: ${session.error instanceof Error ? session.error.message : 'no error'}`;

const E2_noActorOutlivesItsAttempt: Invariant = ({ session }) => {
  const { children, context } = session.snapshot;
  const left = Object.keys(children).filter((id) => !context.open.some((callId) => callId === id));
  return left.length === 0 ? null : `${left.join(', ')} is over, and its actor lives`;
};

const S1_oneLeadAtATime: Invariant = ({ world, session }) => {
  const { winner, open } = session.snapshot.context;
  const granted = open.filter((callId) => {
    const call = session.call(callId);
    return call?.matches('queued') === true || call?.matches('bridged') === true;
  });
  if (granted.some((callId) => callId !== winner?.callId))
    return 'a call has an agent who is not its own';
  const bridged = callsOf(world, session).filter(
    ({ leg }) => leg === 'bridged' || leg === 'whisper',
  );
  return bridged.length > 1 ? 'two leads are bridged with one agent' : null;
};

/** Calls and leads are one here: no session opens an attempt twice, and no two ring the same lead. */
const S2_oneAttemptPerLead: Invariant = ({ sessions }) => {
  const open = sessions.flatMap(({ snapshot }) => snapshot.context.open);
  return new Set(open).size === open.length ? null : 'a lead is called twice at once';
};

const S3_placedOnce: Invariant = ({ world }) =>
  world.calls.some((call) => call.creates > 1) ? 'one attempt was placed twice' : null;

const S4_onlyWhoIsDialingIsCalledFor: Invariant = ({ session }) => {
  const { snapshot } = session;
  if (snapshot.matches('dialing')) return null;
  const calling = snapshot.context.open.find((callId) => {
    const call = session.call(callId);
    const mustRingOn = call?.matches({ dialing: { placed: { ringing: 'ringingOut' } } });
    return call?.matches('idle') === true || (call?.matches('dialing') === true && !mustRingOn);
  });
  return calling === undefined ? null : `${calling} still rings for an agent who is not dialing`;
};

const S5_terminalAbsorbs: Invariant = ({ before, world }) => {
  const changed = world.calls.find((call, index) => {
    const { outcome } = callAt(before, index);
    return outcome !== null && outcome !== call.outcome;
  });
  return changed ? `the outcome of ${changed.callId} was changed` : null;
};

const S6_noticesInOrder: Invariant = ({ world }) => {
  const odd = world.calls.find(
    ({ notices }) => !['', 'answered', 'ended', 'answered,ended'].includes(notices.join()),
  );
  return odd ? `${odd.callId} was told as ${odd.notices.join(', ')}` : null;
};

const S6_noticesAreTrue: Invariant = ({ world }) => {
  const lie = world.calls.find((call) => !isTrueOutcome(call));
  if (!lie) return null;
  const { callId, outcome, answered, bridged } = lie;
  return `${callId} ended as ${outcome}; answered: ${answered}, bridged: ${bridged}`;
};

/** What was recorded is what the ledger says. A bridge that was announced and failed may be told as a talk. */
export function isTrueOutcome({
  outcome,
  answered,
  handedOver,
  bridged,
}: Pick<ModelCall, 'outcome' | 'answered' | 'handedOver' | 'bridged'>): boolean {
  switch (outcome) {
    case null:
      return true;
    case 'talked':
      return handedOver;
    case 'abandoned':
      return answered && !bridged;
    case 'noAnswer':
    case 'busy':
    case 'canceled':
    case 'refused':
      return !answered;
    case 'failed':
    case 'machine':
      return !bridged;
  }
}

const SETTINGS: TwimlSettings = {
  publicBaseUrl: 'https://dialer.example.test',
  company: { name: 'Explorer & Sons', phone: '+13155550100' },
  talkLimitSeconds: 3600,
};
/** Self-imposed; Twilio's limit is 64 KiB (error 11750). */
const TWIML_LIMIT = 4096;
const judged = new Map<string, string | null>();

const S9_twimlIsSound: Invariant = ({ happening }) => {
  for (const { plan } of happening.replies) {
    const key = JSON.stringify(plan);
    const known = judged.get(key);
    const verdict = known === undefined ? judge(plan) : known;
    judged.set(key, verdict);
    if (verdict) return verdict;
  }
  return null;
};

function judge(plan: TwimlPlan): string | null {
  try {
    const document = writeTwiml(plan, SETTINGS);
    if (document === null) return null;
    const parser = new SaxesParser();
    parser.on('error', (error) => {
      throw error;
    });
    parser.write(document).close();
    return document.length > TWIML_LIMIT ? `${plan.plan} is too long` : null;
  } catch (error) {
    return `${plan.plan} is no TwiML: ${String(error)}`;
  }
}

const L2_nobodyWaitsForNobody: Invariant = ({ session }) => {
  const { consumerSid, open } = session.snapshot.context;
  if (consumerSid !== null) return null;
  const waits = open.find((callId) => session.call(callId)?.hasTag('twiml.hold') === true);
  return waits === undefined ? null : `${waits} is told to hold for an agent who has left`;
};

/** Only a person who is still there hears anything: what is said to a leg that has gone is heard by nobody. */
const L2_whoAnsweredIsNotJustHungUpOn: Invariant = ({ before, world, happening }) => {
  const rude = happening.replies.find(({ request, plan }) => {
    if (request.kind !== 'enqueue' && request.kind !== 'onDequeue') return false;
    if (plan.plan !== 'hangUp' && plan.plan !== 'proceed') return false;
    const index = world.calls.findIndex(({ callId }) => callId === request.callId);
    const call = callAt(before, index);
    return isLive(call) && call.answered && !call.handedOver;
  });
  return rude ? `${rude.request.kind} of a person who waits was answered ${rude.plan.plan}` : null;
};

const O1_nothingIsEndedWithoutItsSid: Invariant = ({ happening }) => {
  const blind = happening.orders.find((order) => 'sid' in order && order.sid === null);
  return blind ? `${blind.kind} was ordered without a SID` : null;
};

const L10_restMeansSettled: Invariant = ({ world, session, isFaultless }) => {
  if (!isFaultless || !isQuiet(world)) return null;
  const waits = session.snapshot.context.open.some(
    (callId) => session.call(callId)?.matches({ queued: 'gone' }) === true, // For a second and a half.
  );
  return waits ? null : unsettled(world, session);
};

/** Why a world in which nothing is on its way is not at rest; null when it is. */
export function unsettled(world: World, session: ExploredSession): string | null {
  const { snapshot } = session;
  const { open, consumerSid, winner } = snapshot.context;
  if (session.isClosed) return null;
  if (open.length > 0) return `${open.join(', ')} is still open, and nobody will say more of it`;
  if (snapshot.matches('queued') || snapshot.matches('bridged'))
    return 'she waits for a lead who has gone';
  if (snapshot.matches('dialing')) return 'she is dialing, and no phone rings';
  if (winner !== null) return 'a lead who has gone still has her';
  if (snapshot.matches('completed')) return 'the session is closing, and nothing is left to close';
  if ((consumerSid === null) !== (agentAt(world, session.agent).phone === 'away'))
    return 'what we know of her phone is wrong';
  const calls = callsOf(world, session);
  const untold = calls.find((call) => call.creates > 0 && call.outcome === null);
  if (untold) return `${untold.callId} was placed and never ended`;
  const unheard = calls.find((call) => call.bridged && !call.notices.includes('answered'));
  return unheard ? `${unheard.callId} was bridged and nobody was told` : null;
}

const NO_DIAL_IN = { number: '', accessCode: null, gate: null };

const S11_stateKnowsHerPhone: Invariant = ({ session }) => {
  const { snapshot } = session;
  if (snapshot.matches('completed')) return null;
  const isOff = snapshot.context.consumerSid === null;
  return isOff === snapshot.matches('idle') ? null : 'the state is wrong about her phone';
};

const S11_stateKnowsWhoTalks: Invariant = ({ world, session }) => {
  const { phone, partner } = agentAt(world, session.agent);
  if (phone !== 'bridged' || partner === null) return null;
  const wasTold = session.call(callAt(world, partner).callId)?.matches('bridged') === true;
  const looksFree = session.snapshot.matches('consumerConnected');
  return wasTold && looksFree ? 'she talks, and the state says that she is alone' : null;
};

const S11_thePageShowsWhatIs: Invariant = ({ world, session }) => {
  const { snapshot } = session;
  const { context } = snapshot;
  const view = viewOf(session, NO_DIAL_IN);
  if (view.phoneConnected !== (context.consumerSid !== null))
    return 'the page is wrong about her phone';
  if (view.calls.length !== context.open.length) return 'the page does not show every open call';
  if ((view.wrapUp?.callId ?? null) !== (context.wrapUp?.callId ?? null))
    return 'the page is wrong about what she owes';
  if (view.mode === 'wrappingUp' && view.wrapUp === null) return 'the page asks for nothing';
  const talks = view.state === 'queued' || view.state === 'bridged';
  if (talks !== (view.talk !== null)) return 'the page is wrong about whom she talks with';
  const partner = world.calls.find(({ callId }) => callId === view.talk?.callId);
  if (view.state === 'bridged' && !partner?.handedOver)
    return 'the page shows a talk that nobody has announced';
  const isSilent = view.quiet === null;
  const shows =
    talks ||
    view.calls.some(({ outcome, phase }) => outcome === null && phase !== 'waitingForLine');
  return isSilent && !shows && view.state !== 'dialing'
    ? 'the page does not say why nobody is called'
    : null;
};

const S13_noLegWithoutOwner: Invariant = ({ world, session }) => {
  if (world.flights.length > 0) return null;
  const stray = callsOf(world, session).find(
    (call) => isLive(call) && session.call(call.callId) === null,
  );
  return stray ? `the leg of ${stray.callId} has no owner` : null;
};

/** What was kept brings back what was there. Checked where a state is new, because it takes another restore. */
export function S12_restoredIsLive(
  stage: ExploredStage,
  live: ExploredSession,
  saved: SavedSession,
): string | null {
  const restored = new ExploredSession(stage, live.agent, saved);
  const isSame = isDeepStrictEqual(restored.persisted, live.persisted);
  return isSame ? null : 'S12: a session that was restored is another';
}

export const INVARIANTS: readonly (readonly [id: string, invariant: Invariant])[] = [
  ['E1', E1_noActorIsInError],
  ['E2', E2_noActorOutlivesItsAttempt],
  ['S1', S1_oneLeadAtATime],
  ['S2', S2_oneAttemptPerLead],
  ['S3', S3_placedOnce],
  ['S4', S4_onlyWhoIsDialingIsCalledFor],
  ['S5', S5_terminalAbsorbs],
  ['S6', S6_noticesInOrder],
  ['S6', S6_noticesAreTrue],
  ['S9', S9_twimlIsSound],
  ['S11', S11_stateKnowsHerPhone],
  ['S11', S11_stateKnowsWhoTalks],
  ['S11', S11_thePageShowsWhatIs],
  ['S13', S13_noLegWithoutOwner],
  ['O1', O1_nothingIsEndedWithoutItsSid],
  ['L2', L2_nobodyWaitsForNobody],
  ['L2', L2_whoAnsweredIsNotJustHungUpOn],
  ['L10', L10_restMeansSettled],
];

/** Every invariant that this step breaks, as `id: what is wrong`. */
export function brokenBy(moment: Omit<Moment, 'session'>): string[] {
  const found = moment.sessions.flatMap((session) => {
    const looked = { ...moment, session };
    return INVARIANTS.flatMap(([id, invariant]) => {
      const wrong = invariant(looked);
      return wrong === null ? [] : `${id}: ${wrong}`;
    });
  });
  return [...moment.happening.broken.map((text) => text.replace(' ', ': ')), ...new Set(found)];
}

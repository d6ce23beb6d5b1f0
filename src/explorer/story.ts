import { applyStep } from './apply.ts';
import { beginning, stageOf, type ExploreOptions, type Violation } from './explore.ts';
import { agentOfStep, type Step } from './steps.ts';
import type { Click, Flight, World } from './world.ts';

/** One line of a recording: what happened, what it put into the world, and where it left session and calls. */
export interface StoryEvent {
  n: number;
  step: Step;
  text: string;
  replies: { kind: string; plan: string }[];
  orders: string[];
  /** One for each agent. */
  sessions: unknown[];
  calls: Record<string, unknown>;
}

/** Plays the steps of a violation once more, writing down what they did. */
export function tell(options: ExploreOptions, { steps }: Violation): StoryEvent[] {
  const stage = stageOf(options);
  const { world, sessions } = beginning(stage, options);
  return steps.map((step, index) => {
    const text = whose(world, step) + textOf(world, step);
    const { replies, orders } = applyStep(world, sessions, step, options);
    return {
      n: index + 1,
      step,
      text,
      replies: replies.map(({ request, plan }) => ({ kind: request.kind, plan: plan.plan })),
      orders: orders.map((order) => order.kind),
      sessions: sessions.map(({ snapshot }) => snapshot.value),
      calls: Object.fromEntries(
        world.calls.flatMap(({ callId }) => {
          const call = sessions.flatMap((session) => session.call(callId) ?? [])[0];
          return call ? [[callId, call.value]] : [];
        }),
      ),
    };
  });
}

/** The story as a person reads it: numbered, with what we answered. */
export function write(events: readonly StoryEvent[]): string {
  return events
    .map(({ n, text, replies, sessions, calls }) => {
      const said = replies.map(({ plan }) => ` → we answer ${plan}`).join('');
      const where = [...sessions, ...Object.values(calls)].map(short).join(', ');
      return `${String(n).padStart(3)}. ${text}${said}\n     now: ${where}`;
    })
    .join('\n');
}

function short(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([key, inner]) => `${key}.${short(inner)}`)
    .join(' ');
}

const CLICKS: Record<Click, string> = {
  callLeads: 'She clicks "Call leads".',
  pause: 'She clicks "Pause".',
  hangUp: 'She clicks "Hang up".',
  dispose: 'She sets the disposition.',
  setAutoNext: 'She flips "Then call the next leads by itself".',
  signOut: 'She signs out.',
  closePage: 'Her page is closed.',
  openPage: 'Her page is open again.',
  leave: 'She hangs up her phone.',
  dialIn: 'She dials in again and keys her code.',
};

/** Where there are several agents, whom a step is about. */
function whose(world: World, step: Step): string {
  const agent = agentOfStep(world, step);
  return world.agents.length === 1 || agent === null ? '' : `Agent ${agent}: `;
}

function textOf(world: World, step: Step): string {
  switch (step.do) {
    case 'arrive':
      return flightText(step.what);
    case 'repeat':
      return `${flightText(step.what)} (It will come once more.)`;
    case 'lose':
      return `Lost: ${flightText(step.what)}`;
    case 'loseAnswer':
      return `${flightText(step.what)} The answer is lost.`;
    case 'reconcile':
      return 'Twilio is asked about her phone and her talk, as it is every half a minute.';
    case 'start':
      return `Twilio dials lead ${step.call}.`;
    case 'ring':
      return `The phone of lead ${step.call} rings.`;
    case 'answer':
      return `Lead ${step.call} answers the phone.`;
    case 'noAnswer':
      return `Lead ${step.call} does not answer.`;
    case 'refuse':
      return `Twilio refuses to call lead ${step.call}.`;
    case 'leadHangsUp':
      return `Lead ${step.call} hangs up.`;
    case 'meet':
      return `Twilio takes lead ${step.call} from the queue for her.`;
    case 'asksAgain':
      return `The wait of lead ${step.call} is over for now: its leg will ask again.`;
    case 'bridgesAnyway':
      return `Twilio bridges lead ${step.call} without a whisper.`;
    case 'unmade':
      return `The leg of lead ${step.call} does not come to ask /${step.request === 'wait' ? 'waiting' : 'bridging'}.`;
    case 'dialTimesOut':
      return 'Her <Dial> has waited 600 seconds.';
    case 'click':
      return CLICKS[step.click];
    case 'timer':
      return `A timer of ${step.call === null ? 'the session' : `call ${step.call}`} fires: ${step.timer}.`;
    case 'restart':
      return `The server is killed and restarted${inHandText(step.inHand)}, with ${world.flights.length} messages on their way.`;
  }
}

function inHandText(inHand: Extract<Step, { do: 'restart' }>['inHand']): string {
  if (inHand === null) return '';
  const kept = inHand.wasDurable ? 'kept and not answered' : 'not kept and not answered';
  return ` while it answers, ${kept}: ${flightText(inHand.what)}`;
}

function flightText(flight: Flight): string {
  switch (flight.kind) {
    case 'leads':
      return `The list answers the request for ${flight.asked} leads.`;
    case 'line':
      return `A line is free for call ${flight.call}.`;
    case 'create':
      return `The create of call ${flight.call} reaches Twilio.`;
    case 'created':
      return `REST replies that call ${flight.call} was created.`;
    case 'refused':
      return `REST replies that call ${flight.call} was refused.`;
    case 'createLost':
      return `The reply to the create of call ${flight.call} is given up.`;
    case 'lookUp':
      return `Call ${flight.call} is searched for by REST.`;
    case 'inspect':
      return `Call ${flight.call} is looked at by REST.`;
    case 'end':
      return `The request to ${flight.how} call ${flight.call} reaches Twilio.`;
    case 'fact':
      return `REST tells that call ${flight.call} had ended as ${flight.status}.`;
    case 'dismiss':
      return 'The request to end her leg reaches Twilio.';
    case 'progress':
    case 'completed':
      return `Status callback of call ${flight.call}: ${flight.status}.`;
    case 'answer':
      return `The leg of lead ${flight.call} asks /enqueue.`;
    case 'wait':
      return `The leg of lead ${flight.call} asks /waiting.`;
    case 'bridging':
      return `The leg of lead ${flight.call} asks /bridging.`;
    case 'dequeued':
      return `The leg of lead ${flight.call} asks /on-dequeue (${flight.result}).`;
    case 'leadFallback':
      return `The leg of lead ${flight.call} asks the fallback URL; it is told that the call cannot be completed.`;
    case 'agentFallback':
      return 'Her leg asks the fallback URL; it is told that the call cannot be completed.';
    case 'back':
      return `Her leg asks /stop-consuming (${flight.result}${flight.gone ? ', hung up' : ''}).`;
  }
}

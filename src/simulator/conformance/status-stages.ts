import type { PersonScript } from '../person.ts';
import { CannotStage, type Laboratory } from './laboratory.ts';
import { machineDetection } from './machine-verdict.ts';

type Event = 'initiated' | 'ringing' | 'answered' | 'completed';
/** A document that outlasts every recorded call. */
const LONG = '<Pause length="0"/>' + '<Pause length="14400"/>'.repeat(6);
const UNANSWERED = ['busy', 'no-answer', 'failed', 'canceled'];

/** Status callbacks of a call: the REST call's own, or those of the number that was called. */
export async function stageCallStatus(lab: Laboratory): Promise<void> {
  switch (lab.situation.direction) {
    case 'inbound':
      return stageInboundStatus(lab);
    case 'outbound-api':
      return stageOutboundStatus(lab);
    case 'outbound-dial':
      return stageNumberStatus(lab);
  }
}

/** The status the call is in when this is reported. */
function statusOf(lab: Laboratory): string {
  const { params, event } = lab.situation;
  const status = params['CallStatus'] ?? event;
  return status === 'answered' ? 'in-progress' : status;
}

function eventOf(status: string): Event {
  if (status === 'in-progress') return 'answered';
  return status === 'initiated' || status === 'ringing' ? status : 'completed';
}

/** The events subscribed to, so that this one gets its recorded SequenceNumber: the last so many before it, and it. */
function subscribed(lab: Laboratory, status: string): Event[] {
  const reached: Event[] =
    status === 'failed'
      ? ['initiated']
      : UNANSWERED.includes(status)
        ? ['initiated', 'ringing']
        : ['initiated', 'ringing', 'answered'];
  const event = eventOf(status);
  const before = reached.slice(0, reached.includes(event) ? reached.indexOf(event) : undefined);
  const count = Number(lab.situation.params['SequenceNumber'] ?? 0);
  if (count > before.length) throw new CannotStage(`SequenceNumber ${count} of ${event}`);
  return [...before.slice(before.length - count), event];
}

function personFor(lab: Laboratory, status: string): PersonScript {
  const seconds = Number(lab.situation.params['CallDuration'] ?? 1);
  switch (status) {
    case 'busy':
      return { answers: 'busy' };
    case 'no-answer':
    case 'canceled':
      return { answers: 'noAnswer' };
    case 'failed':
      return { answers: 'unreachable' };
    default:
      return { hangsUpAfterMs: seconds * 1000 };
  }
}

async function stageInboundStatus(lab: Laboratory): Promise<void> {
  const { params } = lab.situation;
  const status = statusOf(lab);
  const rejects: Record<string, string> = {
    busy: '<Reject reason="busy"/>',
    'no-answer': '<Reject/>',
  };
  if (eventOf(status) !== 'completed')
    throw new CannotStage('an inbound call is reported at its end only');
  if (status === 'failed' || status === 'canceled')
    throw new CannotStage(`an inbound call that is ${status}`);
  lab.serve('/start', rejects[status] ?? LONG);
  if (lab.isClientCall) lab.application('/start', '/target');
  else lab.own('/start', { statusCallback: '/target' });
  const leg = lab.dialIn();
  if (params['RecordingUrl'] !== undefined) lab.recordWhole(leg);
  await lab.seconds(0);
  await lab.seconds(Number(params['CallDuration'] ?? 1));
  leg.hangUp('party');
  await lab.seconds(1);
}

async function stageOutboundStatus(lab: Laboratory): Promise<void> {
  const { params, to, applicationSid, method } = lab.situation;
  const status = statusOf(lab);
  const amd = machineDetection(params['AnsweredBy']);
  lab.person(to, { ...personFor(lab, status), ...amd.person });
  lab.serve('/start', LONG);
  if (status === 'busy' && params['SipResponseCode'] === '487')
    lab.network.faults.set('status.busy487', {});
  if (applicationSid !== null) lab.application('/start', '/target');
  const leg = lab.callOut({
    Url: lab.url('/start'),
    Timeout: '10',
    StatusCallback: lab.target,
    StatusCallbackMethod: method,
    StatusCallbackEvent: subscribed(lab, status),
    ...amd.form,
    ...(params['RecordingUrl'] !== undefined && { Record: 'true' }),
  });
  lab.pick = (requests) => requests.at(-1);
  await lab.seconds(status === 'canceled' ? 1 : 0);
  if (status === 'canceled') lab.rest('POST', `Calls/${leg.sid}`, { Status: 'canceled' });
  if (eventOf(status) === 'completed') await lab.seconds(Number(params['CallDuration'] ?? 1) + 60);
}

/** The progress of a child of a Dial. */
export async function stageNumberStatus(lab: Laboratory): Promise<void> {
  const { params, to, method } = lab.situation;
  const status = statusOf(lab);
  lab.person(to, { ...personFor(lab, status), ...machineDetection(params['AnsweredBy']).person });
  if (status === 'busy' && params['SipResponseCode'] === '487')
    lab.network.faults.set('status.busy487', {});
  const events = subscribed(lab, status);
  const amd =
    params['AnsweredBy'] === undefined
      ? ''
      : ` machineDetection="${machineDetection(params['AnsweredBy']).form['MachineDetection'] ?? 'Enable'}"`;
  const child = await lab.callChild(
    `statusCallback="${lab.target}" statusCallbackMethod="${method}" statusCallbackEvent="${events.join(' ')}"${amd}`,
    'timeout="10"',
  );
  lab.pick = (requests) => requests.at(-1);
  if (status === 'canceled') child.parent?.hangUp('party');
  if (eventOf(status) === 'completed') await lab.seconds(Number(params['CallDuration'] ?? 1) + 15);
}

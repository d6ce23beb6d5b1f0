import { AGENT_LINE, CannotStage, OTHER, type Laboratory } from './laboratory.ts';
import { stageCallStatus, stageNumberStatus } from './status-stages.ts';
import { machineDetection } from './machine-verdict.ts';
import { stageDialAction } from './dial-stages.ts';
import { stageRecordAction, stageRecordingStatus } from './recording-stages.ts';

/** Brings the recorded situation about, so that the network makes the recorded request to `/target`. */
export type Stage = (lab: Laboratory) => Promise<void>;

/** One stage for each kind of request; status callbacks name their event after a colon. */
export const STAGES: Readonly<Record<string, Stage>> = {
  'inbound-voice-url': stageInboundVoiceUrl,
  'outbound-voice-url': stageOutboundVoiceUrl,
  'gather-action': stageGatherAction,
  'dial-action': stageDialAction,
  'queue-url': stageQueueUrl,
  'enqueue-action': stageEnqueueAction,
  'enqueue-wait-url': stageEnqueueWaitUrl,
  'conference-wait-url': stageConferenceWaitUrl,
  'record-action': stageRecordAction,
  'recording-status-callback': stageRecordingStatus,
  'fallback-url': stageFallbackUrl,
  'call-status-callback': stageCallStatus,
  'number-status-callback': stageNumberStatus,
};

const QUEUE = 'queue-conformance';

async function stageInboundVoiceUrl(lab: Laboratory): Promise<void> {
  if (lab.isClientCall) lab.application('/target');
  else lab.own('/target');
  lab.dialIn(true);
  await lab.seconds(1);
}

async function stageOutboundVoiceUrl(lab: Laboratory): Promise<void> {
  const { to, params, applicationSid } = lab.situation;
  const amd = machineDetection(params['AnsweredBy']);
  lab.person(to, amd.person);
  if (applicationSid !== null) lab.application('/target');
  lab.callOut({ Url: lab.target, ...amd.form });
  await lab.seconds(90);
}

async function stageGatherAction(lab: Laboratory): Promise<void> {
  const { params, method } = lab.situation;
  const {
    Digits: digits = '',
    FinishedOnKey: key = '',
    SpeechResult: speech,
  } = params as Record<string, string | undefined>;
  const isSpeech = speech !== undefined;
  const attributes = [
    `action="${lab.target}"`,
    `method="${method}"`,
    `input="${isSpeech ? 'speech' : 'dtmf'}"`,
    'actionOnEmptyResult="true"',
    key === ''
      ? `finishOnKey=""${digits === '' ? '' : ` numDigits="${digits.length}"`}`
      : `finishOnKey="${key}"`,
    ...(params['Language'] === undefined ? [] : [`language="${params['Language']}"`]),
  ];
  const leg = await lab.connect(`<Gather ${attributes.join(' ')}/>`);
  if (isSpeech) leg.say(speech);
  else leg.press(digits + key);
  await lab.seconds(10);
}

async function stageQueueUrl(lab: Laboratory): Promise<void> {
  await lab.connect(`<Enqueue waitUrl="">${QUEUE}</Enqueue>`);
  await lab.seconds(Number(lab.situation.params['QueueTime'] ?? 0));
  await lab.agent(
    `<Dial><Queue url="${lab.target}" method="${lab.situation.method}">${QUEUE}</Queue></Dial>`,
  );
}

async function stageEnqueueAction(lab: Laboratory): Promise<void> {
  const { params, method } = lab.situation;
  const result = params['QueueResult'] ?? 'bridged';
  const seconds = Number(params['QueueTime'] ?? 0);
  const digits = params['Digits'];
  const enqueue = (name = QUEUE): string =>
    `<Enqueue action="${lab.target}" method="${method}" waitUrl="${lab.url('/wait')}">${name}</Enqueue>`;
  lab.serve('/elsewhere', '<Pause length="60"/>');
  lab.serve('/leave', '<Leave/>');
  lab.serve('/wait', waitDocument(lab, result, seconds, digits));
  if (result === 'queue-full') lab.rest('POST', 'Queues', { FriendlyName: QUEUE, MaxSize: '1' });
  if (result === 'queue-full') await queueOther(lab);
  const leg = await lab.connect(enqueue(result === 'error' ? 'x'.repeat(65) : QUEUE));
  if (digits !== undefined && result !== 'queue-full') leg.press(digits);
  const dial = `<Dial><Queue url="${lab.url('/whisper')}">${QUEUE}</Queue></Dial>`;
  switch (result) {
    case 'bridged':
    case 'redirected-from-bridged': {
      const agent = await lab.agent(dial);
      await lab.seconds(seconds);
      if (result === 'bridged') agent.hangUp('party');
      else lab.rest('POST', `Calls/${leg.sid}`, { Url: lab.url('/elsewhere') });
      break;
    }
    case 'bridging-in-process': {
      lab.serve('/whisper', '<Pause length="60"/>');
      await lab.seconds(seconds);
      const agent = await lab.agent(dial);
      agent.hangUp('party');
      break;
    }
    case 'redirected':
      await lab.seconds(seconds);
      lab.rest('POST', `Calls/${leg.sid}`, { Url: lab.url('/elsewhere') });
      break;
    case 'hangup':
      await lab.seconds(seconds);
      leg.hangUp('party');
      break;
    case 'leave':
      await lab.seconds(seconds);
      break;
    case 'queue-full':
    case 'error':
      break;
    default:
      throw new CannotStage(`nothing is known to make QueueResult ${result}`);
  }
  await lab.seconds(5);
}

function waitDocument(
  lab: Laboratory,
  result: string,
  seconds: number,
  digits: string | undefined,
): string {
  const gather =
    digits === undefined
      ? ''
      : `<Gather numDigits="${digits.length}" action="${lab.url(result === 'leave' ? '/leave' : '/held')}"/>`;
  if (result === 'leave' && digits === undefined) return `<Pause length="${seconds}"/><Leave/>`;
  return `${gather}<Pause length="600"/>`;
}

async function queueOther(lab: Laboratory): Promise<void> {
  lab.serve('/other', `<Enqueue waitUrl="">${QUEUE}</Enqueue>`);
  lab.person(OTHER);
  lab.network.addNumber({ phoneNumber: AGENT_LINE, voiceUrl: lab.url('/agent') });
  lab.rest('POST', 'Calls', { To: OTHER, From: AGENT_LINE, Url: lab.url('/other') });
  await lab.seconds(0);
}

/** The first request for position and size; the one after so many seconds if it says it has waited. */
async function stageEnqueueWaitUrl(lab: Laboratory): Promise<void> {
  const { params, method } = lab.situation;
  const position = Number(params['QueuePosition'] ?? 1);
  const size = Number(params['CurrentQueueSize'] ?? position);
  const waited = Number(params['QueueTime'] ?? 0);
  const maxSize = params['MaxQueueSize'];
  if (position > 200 || size > 200) throw new CannotStage('a queue that long');
  if (maxSize !== undefined) lab.rest('POST', 'Queues', { FriendlyName: QUEUE, MaxSize: maxSize });
  for (let ahead = 1; ahead < position; ahead += 1) await queueOther(lab);
  lab.serve('/target', `<Pause length="${Math.max(1, waited)}"/>`);
  await lab.connect(
    `<Enqueue waitUrl="${lab.target}" waitUrlMethod="${method}">${QUEUE}</Enqueue>`,
  );
  for (let behind = position; behind < size; behind += 1) await queueOther(lab);
  const isLater = waited > 0 || size > position;
  lab.pick = (requests) => requests[isLater ? 1 : 0];
  await lab.seconds(Math.max(1, waited) + 1);
}

async function stageConferenceWaitUrl(lab: Laboratory): Promise<void> {
  await lab.connect(
    `<Dial><Conference waitUrl="${lab.target}" waitMethod="${lab.situation.method}">room</Conference></Dial>`,
  );
}

/** What must have gone wrong, so that the fallback is told this code. */
const FAILURES: Readonly<
  Record<string, { status: number; headers?: Record<string, string>; body?: string }>
> = {
  '11200': { status: 500 },
  '11750': { status: 200, headers: { 'content-type': 'text/xml' }, body: ' '.repeat(66_000) },
  '12100': { status: 200, headers: { 'content-type': 'text/xml' }, body: '<Response>' },
  '12102': { status: 200, headers: { 'content-type': 'text/xml' }, body: '<Other/>' },
  '12300': { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
};
const CONNECTION_FAILURES = ['11201', '11202', '11205', '11206', '11210', '11220'];

async function stageFallbackUrl(lab: Laboratory): Promise<void> {
  const { params, direction } = lab.situation;
  const code = params['ErrorCode'] ?? '11200';
  const failure = FAILURES[code];
  if (!failure && !CONNECTION_FAILURES.includes(code)) throw new CannotStage(`ErrorCode ${code}`);
  if (failure) lab.serve('/broken', failure);
  else lab.failWith('/broken', code);
  lab.fallbackPath = lab.target.slice(lab.url('').length);
  if (direction === 'inbound' && params['CallStatus'] !== 'in-progress') {
    if (lab.isClientCall) lab.application('/broken');
    else lab.own('/broken');
    lab.dialIn();
    await lab.seconds(20);
    return;
  }
  await lab.connect(`<Say>One moment.</Say><Redirect>${lab.url('/broken')}</Redirect>`);
  await lab.seconds(20);
}

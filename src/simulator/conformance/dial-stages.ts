import { CannotStage, OTHER, type Laboratory } from './laboratory.ts';

const QUEUE = 'queue-conformance';

/** A Dial's action, by what it says was dialed: a queue, a conference, or somebody. */
export async function stageDialAction(lab: Laboratory): Promise<void> {
  const { params } = lab.situation;
  if (params['DequeueResult'] !== undefined || params['QueueSid'] !== undefined)
    return stageDialQueue(lab);
  if (params['DialCallStatus'] === 'answered' && params['DialCallSid'] === undefined)
    return stageDialConference(lab);
  return stageDialSomebody(lab);
}

function dialTag(lab: Laboratory, more = ''): string {
  const { params, method } = lab.situation;
  const record = params['RecordingUrl'] === undefined ? '' : ' record="record-from-answer"';
  return `<Dial action="${lab.target}" method="${method}"${record} ${more}>`;
}

/** Whether the caller had hung up when the action was asked. */
function hasHungUp(lab: Laboratory): boolean {
  return lab.situation.params['CallStatus'] === 'completed';
}

async function stageDialQueue(lab: Laboratory): Promise<void> {
  const { params } = lab.situation;
  const result = params['DequeueResult'] ?? 'bridged';
  const waited = Number(params['DequeuedCallQueueTime'] ?? 0);
  const talked = Number(params['DequeuedCallDuration'] ?? 0);
  if (!['bridged', 'queue-empty', 'queue-not-found', 'hangup'].includes(result)) {
    throw new CannotStage(`nothing is known to make DequeueResult ${result}`);
  }
  if (result !== 'queue-not-found') lab.rest('POST', 'Queues', { FriendlyName: QUEUE });
  if (result === 'bridged') {
    lab.serve('/other', `<Enqueue waitUrl="">${QUEUE}</Enqueue>`);
    lab.person(OTHER);
    lab.network.addNumber({ phoneNumber: '+13155550111' });
    lab.rest('POST', 'Calls', { To: OTHER, From: '+13155550111', Url: lab.url('/other') });
    await lab.seconds(waited);
  }
  const leg = await lab.connect(`${dialTag(lab, 'timeout="10"')}<Queue>${QUEUE}</Queue></Dial>`);
  await lab.seconds(result === 'bridged' ? talked : 0);
  if (hasHungUp(lab) || result === 'hangup') leg.hangUp('party');
  else if (result === 'bridged') leg.peer?.hangUp('party');
  await lab.seconds(15);
}

async function stageDialConference(lab: Laboratory): Promise<void> {
  const leg = await lab.connect(
    `${dialTag(lab, 'hangupOnStar="true"')}<Conference beep="false">room</Conference></Dial>`,
  );
  await lab.seconds(5);
  if (hasHungUp(lab)) leg.hangUp('party');
  else leg.press('*');
  await lab.seconds(5);
}

async function stageDialSomebody(lab: Laboratory): Promise<void> {
  const { params, direction } = lab.situation;
  const status = params['DialCallStatus'] ?? 'completed';
  const isSip =
    params['DialSipResponseCode'] !== undefined || params['DialSipCallId'] !== undefined;
  const target = isSip ? 'sip:somebody@example.test' : OTHER;
  const noun = isSip ? 'Sip' : 'Number';
  const isRefused = status === 'completed' && params['DialBridged'] === 'false';
  if (direction === 'outbound-dial')
    throw new CannotStage('a Dial in the document of a dialed party');
  lab.serve('/whisper', '<Hangup/>');
  lab.person(target, { answers: answersFor(status) });
  const isUndialable = status === 'failed' && params['DialCallSid'] === undefined;
  const url = isRefused ? ` url="${lab.url('/whisper')}"` : '';
  const nounXml = `<${noun}${url}>${isUndialable ? 'not-a-number' : target}</${noun}>`;
  const leg = await lab.connect(`${dialTag(lab, 'timeout="10"')}${nounXml}</Dial>`);
  await lab.seconds(Number(params['DialCallDuration'] ?? 0));
  if (status === 'canceled' || hasHungUp(lab)) leg.hangUp('party');
  else if (status === 'completed') endTalk(lab, leg.peer?.sid);
  await lab.seconds(15);
}

function answersFor(status: string): 'person' | 'busy' | 'noAnswer' | 'unreachable' {
  switch (status) {
    case 'busy':
      return 'busy';
    case 'no-answer':
    case 'canceled':
      return 'noAnswer';
    case 'failed':
      return 'unreachable';
    default:
      return 'person';
  }
}

/** The other hangs up; or, when no duration was told, was taken elsewhere. */
function endTalk(lab: Laboratory, childSid: string | undefined): void {
  if (childSid === undefined) return;
  lab.serve('/elsewhere', '<Pause length="60"/>');
  if (lab.situation.params['DialCallDuration'] === undefined)
    lab.rest('POST', `Calls/${childSid}`, { Url: lab.url('/elsewhere') });
  else lab.network.exchange.legs.get(childSid)?.hangUp('party');
}

import { CannotStage, OTHER, type Laboratory } from './laboratory.ts';

const WORDS_PER_SECOND = 2.5;

export async function stageRecordAction(lab: Laboratory): Promise<void> {
  const { params, method } = lab.situation;
  const seconds = Number(params['RecordingDuration'] ?? 5);
  const digits = params['Digits'] ?? '';
  const leg = await lab.connect(`<Record action="${lab.target}" method="${method}" timeout="5"/>`);
  if (digits === '') {
    // Ended by silence: what was said lasts as long as what was kept.
    leg.say(
      Array.from(
        { length: Math.max(1, Math.round(seconds * WORDS_PER_SECOND)) },
        () => 'word',
      ).join(' '),
    );
    await lab.seconds(seconds + 6);
    return;
  }
  for (let second = 0; second < seconds; second += 1) {
    leg.say('word');
    await lab.seconds(1);
  }
  if (digits === 'hangup') leg.hangUp('party');
  else leg.press(digits);
  await lab.seconds(1);
}

export async function stageRecordingStatus(lab: Laboratory): Promise<void> {
  const { params, method } = lab.situation;
  const status = params['RecordingStatus'] ?? 'completed';
  if (status === 'failed') throw new CannotStage('a recording that failed');
  const seconds = status === 'absent' ? 0 : Number(params['RecordingDuration'] ?? 5);
  const isDual = params['RecordingChannels'] === '2';
  const callback = `recordingStatusCallback="${lab.target}" recordingStatusCallbackMethod="${method}" recordingStatusCallbackEvent="${status}"`;
  const track = params['RecordingTrack'];
  switch (params['RecordingSource'] ?? 'RecordVerb') {
    case 'OutboundAPI':
      await recordedCall(lab, status, seconds, isDual, track);
      return;
    case 'DialVerb': {
      lab.person(OTHER);
      const attributes = `record="record-from-answer${isDual ? '-dual' : ''}" ${callback}${track === undefined ? '' : ` recordingTrack="${track}"`}`;
      const leg = await lab.connect(`<Dial ${attributes}>${OTHER}</Dial>`);
      await lab.seconds(seconds);
      leg.hangUp('party');
      break;
    }
    case 'RecordVerb': {
      const leg = await lab.connect(`<Record action="${lab.url('/over')}" ${callback}/>`);
      for (let second = 0; second < seconds; second += 1) {
        leg.say('word');
        await lab.seconds(1);
      }
      leg.press('#');
      break;
    }
    case 'StartCallRecordingAPI': {
      const leg = await lab.connect('<Say>.</Say><Pause length="7200"/>');
      lab.rest('POST', `Calls/${leg.sid}/Recordings`, {
        RecordingStatusCallback: lab.target,
        RecordingStatusCallbackMethod: method,
        RecordingStatusCallbackEvent: status,
        RecordingChannels: isDual ? 'dual' : 'mono',
        ...(track !== undefined && { RecordingTrack: track }),
      });
      await lab.seconds(seconds);
      leg.hangUp('party');
      break;
    }
    case 'Conference': {
      const leg = await lab.connect(
        `<Dial><Conference record="record-from-start" ${callback}>room</Conference></Dial>`,
      );
      await lab.seconds(seconds);
      leg.hangUp('party');
      break;
    }
    default:
      throw new CannotStage(`RecordingSource ${params['RecordingSource'] ?? ''}`);
  }
  await lab.seconds(1);
}

async function recordedCall(
  lab: Laboratory,
  status: string,
  seconds: number,
  isDual: boolean,
  track: string | undefined,
): Promise<void> {
  const { to, from } = lab.situation;
  lab.person(to, { hangsUpAfterMs: seconds * 1000 });
  lab.serve('/start', '<Pause length="3600"/>');
  if (from.startsWith('+')) lab.network.addNumber({ phoneNumber: from });
  lab.callOut({
    Url: lab.url('/start'),
    Record: 'true',
    RecordingChannels: isDual ? 'dual' : 'mono',
    ...(track !== undefined && { RecordingTrack: track }),
    RecordingStatusCallback: lab.target,
    RecordingStatusCallbackMethod: lab.situation.method,
    RecordingStatusCallbackEvent: status,
  });
  await lab.seconds(seconds + 1);
}

import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parsePayloads } from '../../src/simulator/conformance/payload.ts';
import {
  checkConformance,
  checkDirectory,
  describeResults,
} from '../../src/simulator/conformance/run.ts';

const SET_OF_2019 = fileURLToPath(new URL('../conformance/2019', import.meta.url));

const CALL = 'CA00000000000000000000000000000001';
const CHILD = 'CA00000000000000000000000000000002';
const ACCOUNT = 'AC00000000000000000000000000000001';
const APPLICATION = 'AP00000000000000000000000000000001';
const QUEUE = 'QU00000000000000000000000000000001';
const RECORDING = 'RE00000000000000000000000000000001';
const RECORDING_URL = `https://api.twilio.com/2010-04-01/Accounts/${ACCOUNT}/Recordings/${RECORDING}`;
const WHEN = 'Wed, 08 Oct 2025 13:54:12 +0000';

/** The forms of requests that turn up in public code, with numbers and places nobody has. */
describe('situations told by the payload alone', () => {
  test.each<[string, string, Record<string, string>]>([
    [
      'a browser client calls an application, with a parameter of its own',
      'inbound-voice-url',
      clientCall({ phoneNumber: '+12065550107', Called: '', To: '' }),
    ],
    [
      'a browser client names whom to call',
      'inbound-voice-url',
      clientCall({ Called: '', To: '206-555-0107', PhoneNumber: 'x' }),
    ],
    [
      'a call was forwarded to the number',
      'inbound-voice-url',
      call({ ForwardedFrom: '+12065550108', CalledVia: '+12065550108' }),
    ],
    [
      'the number looks up names, and carriers attest',
      'inbound-voice-url',
      call({ CallerName: 'WIRELESS CALLER', StirVerstat: 'TN-Validation-Passed-A' }),
    ],
    [
      'the number belongs to an application',
      'inbound-voice-url',
      call({ ApplicationSid: APPLICATION, CallToken: 'abc.def' }),
    ],
    [
      'a withheld number calls',
      'inbound-voice-url',
      call(
        { From: '+266696687', Caller: '+266696687' },
        { ...PLACES, ...place('From', '', '', '', 'LS') },
      ),
    ],
    [
      'a foreign number calls a toll-free one',
      'inbound-voice-url',
      call({}, { ...place('From', 'São Paulo', 'SP', '', 'BR'), ...place('To', '', '', '', 'US') }),
    ],
    ['a call of an old API version', 'inbound-voice-url', call({ ApiVersion: '2008-08-01' })],
    ['the called person answers', 'outbound-voice-url', out({ CallStatus: 'in-progress' })],
    [
      'a machine answers',
      'outbound-voice-url',
      out({ CallStatus: 'in-progress', AnsweredBy: 'machine_end_beep' }),
    ],
    [
      'silence answers',
      'outbound-voice-url',
      out({ CallStatus: 'in-progress', AnsweredBy: 'unknown' }),
    ],
    ['a browser client is called', 'outbound-voice-url', outToClient()],
    [
      'digits end with the finish key',
      'gather-action',
      live({ Digits: '123', FinishedOnKey: '#', msg: 'Gather End' }),
    ],
    [
      'digits of the days before FinishedOnKey',
      'gather-action',
      live({ Digits: '1', msg: 'Gather End' }),
    ],
    [
      'no digit, and the application wants to know',
      'gather-action',
      live({ Digits: '', FinishedOnKey: '', msg: 'Gather End' }),
    ],
    [
      'digits of the called person',
      'gather-action',
      out({ CallStatus: 'in-progress', Digits: '1', FinishedOnKey: '', msg: 'Gather End' }),
    ],
    [
      'digits of a forwarded call',
      'gather-action',
      live({
        ForwardedFrom: '+12065550108',
        CalledVia: '+12065550108',
        Digits: '123456',
        FinishedOnKey: '',
        msg: 'Gather End',
      }),
    ],
    [
      'nobody took the dialed call',
      'dial-action',
      live({ DialCallStatus: 'no-answer', DialCallSid: CHILD, DialBridged: 'false' }),
    ],
    [
      'a talk, in the days before DialBridged, recorded',
      'dial-action',
      live({
        DialCallStatus: 'completed',
        DialCallSid: CHILD,
        DialCallDuration: '3',
        RecordingUrl: RECORDING_URL,
        RecordingSid: RECORDING,
        RecordingDuration: '3',
      }),
    ],
    [
      'answered, but refused in the whisper',
      'dial-action',
      live({
        DialCallStatus: 'completed',
        DialCallSid: CHILD,
        DialCallDuration: '0',
        DialBridged: 'false',
      }),
    ],
    [
      'the caller gave up',
      'dial-action',
      live({
        CallStatus: 'completed',
        DialCallStatus: 'canceled',
        DialCallSid: CHILD,
        DialBridged: 'false',
      }),
    ],
    [
      'the client that dialed hung up',
      'dial-action',
      clientCall({
        CallStatus: 'completed',
        Called: '',
        To: '',
        DialCallStatus: 'completed',
        DialCallSid: CHILD,
        DialCallDuration: '12',
        DialBridged: 'true',
      }),
    ],
    ['a conference is over', 'dial-action', live({ DialCallStatus: 'answered' })],
    [
      'a queue was empty',
      'dial-action',
      live({ DialCallStatus: 'no-answer', DequeueResult: 'queue-empty', QueueSid: QUEUE }),
    ],
    [
      'a member was served',
      'dial-action',
      live({
        DialCallStatus: 'completed',
        DequeueResult: 'bridged',
        QueueSid: QUEUE,
        DequeuedCallSid: CHILD,
        DequeuedCallQueueTime: '7',
        DequeuedCallDuration: '33',
      }),
    ],
    [
      'a member is about to be bridged',
      'queue-url',
      live({ QueueSid: QUEUE, QueueTime: '4', DequeingCallSid: CHILD }),
    ],
    [
      'a member is about to be bridged, called by REST',
      'queue-url',
      out({ CallStatus: 'in-progress', QueueSid: QUEUE, QueueTime: '0', DequeingCallSid: CHILD }),
    ],
    ...[
      'bridged',
      'redirected',
      'redirected-from-bridged',
      'leave',
      'hangup',
      'bridging-in-process',
    ].map((result): [string, string, Record<string, string>] => [
      `a member leaves: ${result}`,
      'enqueue-action',
      live({ QueueSid: QUEUE, QueueTime: '12', QueueResult: result }),
    ]),
    [
      'a queue was full',
      'enqueue-action',
      live({ QueueSid: QUEUE, QueueTime: '0', QueueResult: 'queue-full' }),
    ],
    [
      'a member pressed a key to leave',
      'enqueue-action',
      live({ QueueSid: QUEUE, QueueTime: '0', QueueResult: 'leave', Digits: '1' }),
    ],
    [
      'third in a queue of three',
      'enqueue-wait-url',
      live({
        QueueSid: QUEUE,
        QueuePosition: '3',
        QueueTime: '0',
        AvgQueueTime: '5',
        CurrentQueueSize: '3',
      }),
    ],
    [
      'first of two, after a while',
      'enqueue-wait-url',
      live({
        QueueSid: QUEUE,
        QueuePosition: '1',
        QueueTime: '30',
        AvgQueueTime: '0',
        CurrentQueueSize: '2',
        MaxQueueSize: '100',
      }),
    ],
    [
      'a conference waits',
      'conference-wait-url',
      {
        ...live({ ConferenceSid: 'CF00000000000000000000000000000001' }, {}),
        From: '',
        To: '',
        Caller: '',
        Called: '',
      },
    ],
    [
      'a recorded message ends with a hang-up',
      'record-action',
      live({
        CallStatus: 'completed',
        Digits: 'hangup',
        RecordingUrl: RECORDING_URL,
        RecordingSid: RECORDING,
        RecordingDuration: '12',
      }),
    ],
    [
      'a recorded message ends with a key, by GET in 2014',
      'record-action',
      live({
        Digits: '8',
        RecordingUrl: RECORDING_URL.replace('https', 'http'),
        RecordingSid: RECORDING,
        RecordingDuration: '5',
      }),
    ],
    ...['OutboundAPI', 'DialVerb', 'RecordVerb'].map(
      (source): [string, string, Record<string, string>] => [
        `a recording is ready: ${source}`,
        'recording-status-callback',
        {
          AccountSid: ACCOUNT,
          CallSid: CALL,
          RecordingSid: RECORDING,
          RecordingUrl: RECORDING_URL,
          RecordingStatus: 'completed',
          RecordingDuration: '8',
          RecordingChannels: source === 'DialVerb' ? '2' : '1',
          RecordingStartTime: WHEN,
          RecordingSource: source,
          RecordingTrack: 'both',
          ErrorCode: '0',
        },
      ],
    ),
    [
      'a document could not be fetched',
      'fallback-url',
      call({ ErrorCode: '11200', ErrorUrl: 'https://example.test/voice' }),
    ],
    [
      'a document could not be fetched in mid-call',
      'fallback-url',
      live({ ErrorCode: '11205', ErrorUrl: 'https://example.test/next' }),
    ],
    ['a call begins', 'call-status-callback:initiated', progress('initiated', '0')],
    ['a call rings', 'call-status-callback:ringing', progress('ringing', '1')],
    [
      'a call is answered, the only event asked for',
      'call-status-callback:in-progress',
      progress('in-progress', '0'),
    ],
    [
      'a busy call with 487',
      'call-status-callback:busy',
      progress('busy', '2', { CallDuration: '0', Duration: '0', SipResponseCode: '487' }),
    ],
    [
      'a call nobody took',
      'call-status-callback:no-answer',
      progress('no-answer', '1', { CallDuration: '0', Duration: '0', SipResponseCode: '487' }),
    ],
    [
      'a number that is none',
      'call-status-callback:failed',
      progress('failed', '1', { CallDuration: '0', Duration: '0', SipResponseCode: '404' }),
    ],
    [
      'a canceled call',
      'call-status-callback:canceled',
      progress('canceled', '2', { CallDuration: '0', Duration: '0', SipResponseCode: '487' }),
    ],
    [
      'a machine was talked to',
      'call-status-callback:completed',
      progress('completed', '3', {
        CallDuration: '75',
        Duration: '2',
        SipResponseCode: '200',
        AnsweredBy: 'machine_start',
      }),
    ],
    [
      'a recorded call',
      'call-status-callback:completed',
      progress('completed', '0', {
        CallDuration: '9',
        Duration: '1',
        SipResponseCode: '200',
        RecordingUrl: RECORDING_URL,
        RecordingSid: RECORDING,
        RecordingDuration: '9',
      }),
    ],
    [
      'an inbound call is over',
      'call-status-callback:completed',
      call({
        CallStatus: 'completed',
        CallDuration: '39',
        Duration: '1',
        Timestamp: WHEN,
        CallbackSource: 'call-progress-events',
        SequenceNumber: '0',
      }),
    ],
    [
      'an inbound call of the early days is over',
      'call-status-callback:completed',
      call({ CallStatus: 'completed', CallDuration: '39', Duration: '1' }),
    ],
    [
      'the child of a forwarded call rings',
      'number-status-callback:ringing',
      child({
        CallStatus: 'ringing',
        SequenceNumber: '1',
        ForwardedFrom: '+12065550108',
        CalledVia: '+12065550108',
      }),
    ],
    [
      'a client was talked to',
      'number-status-callback:completed',
      child({
        To: 'client:agent_7',
        Called: 'client:agent_7',
        CallStatus: 'completed',
        SequenceNumber: '3',
        CallDuration: '5',
        Duration: '1',
        SipResponseCode: '200',
      }),
    ],
    [
      'a SIP endpoint calls a domain',
      'inbound-voice-url',
      {
        CallSid: CALL,
        AccountSid: ACCOUNT,
        From: 'sip:desk@example.test',
        Caller: 'sip:desk@example.test',
        To: 'sip:100@example.test',
        Called: 'sip:100@example.test',
        CallStatus: 'ringing',
        ApiVersion: '2010-04-01',
        Direction: 'inbound',
        SipDomain: 'example.test',
        SipCallId: 'abc@10.0.0.1',
        SipHeader_X: 'y',
      },
    ],
    [
      'a machine, by the detection of 2012',
      'outbound-voice-url',
      out({ CallStatus: 'in-progress', AnsweredBy: 'machine' }),
    ],
    [
      'an application calls out',
      'outbound-voice-url',
      out({ CallStatus: 'in-progress', ApplicationSid: APPLICATION }),
    ],
    [
      'speech instead of digits',
      'gather-action',
      live({ SpeechResult: 'next tuesday please', Confidence: '0.87', Language: 'en-US' }),
    ],
    [
      'digits of a client',
      'gather-action',
      clientCall({
        CallStatus: 'in-progress',
        To: '',
        Called: '',
        Digits: '5',
        FinishedOnKey: '',
        msg: 'Gather End',
      }),
    ],
    [
      'digits of a dialed party',
      'gather-action',
      childLive({ Digits: '1', FinishedOnKey: '', msg: 'Gather End' }),
    ],
    [
      'a dialed party leaves a queue',
      'enqueue-action',
      childLive({ QueueSid: QUEUE, QueueTime: '3', QueueResult: 'bridged' }),
    ],
    [
      'a SIP phone did not answer',
      'dial-action',
      live({
        DialCallStatus: 'no-answer',
        DialCallSid: CHILD,
        DialSipResponseCode: '487',
        DialSipCallId: 'x@y',
        DialBridged: 'false',
      }),
    ],
    [
      'a number that cannot be dialed',
      'dial-action',
      live({ DialCallStatus: 'failed', DialBridged: 'false' }),
    ],
    [
      'a dialed party was taken elsewhere',
      'dial-action',
      live({ DialCallStatus: 'completed', DialCallSid: CHILD, DialBridged: 'true' }),
    ],
    [
      'a queue nobody made',
      'dial-action',
      live({ DialCallStatus: 'failed', DequeueResult: 'queue-not-found' }),
    ],
    [
      'a client waits in a queue',
      'enqueue-wait-url',
      clientCall({
        CallStatus: 'in-progress',
        To: '',
        Called: '',
        QueueSid: QUEUE,
        QueuePosition: '1',
        QueueTime: '0',
        AvgQueueTime: '0',
        CurrentQueueSize: '1',
        MaxQueueSize: '1000',
      }),
    ],
    [
      'a recording begun by REST',
      'recording-status-callback',
      {
        AccountSid: ACCOUNT,
        CallSid: CALL,
        RecordingSid: RECORDING,
        RecordingUrl: RECORDING_URL,
        RecordingStatus: 'completed',
        RecordingDuration: '8',
        RecordingChannels: '1',
        RecordingSource: 'StartCallRecordingAPI',
      },
    ],
    [
      'a client hears the fallback',
      'fallback-url',
      clientCall({
        To: '',
        Called: '',
        ErrorCode: '12100',
        ErrorUrl: 'https://example.test/voice',
      }),
    ],
    [
      'the caller was refused',
      'call-status-callback:busy',
      call({
        CallStatus: 'busy',
        CallDuration: '0',
        Duration: '0',
        Timestamp: WHEN,
        CallbackSource: 'call-progress-events',
        SequenceNumber: '0',
      }),
    ],
    [
      'a call of five hours',
      'call-status-callback:completed',
      progress('completed', '3', {
        CallDuration: '18000',
        Duration: '300',
        SipResponseCode: '200',
      }),
    ],
    [
      'a client was called and declined',
      'call-status-callback:busy',
      {
        ...withoutTo(
          progress('busy', '2', { CallDuration: '0', Duration: '0', SipResponseCode: '486' }),
        ),
        To: 'client:agent_7',
        Called: 'client:agent_7',
      },
    ],
    [
      'an attested call rings',
      'call-status-callback:ringing',
      progress('ringing', '0', { StirStatus: 'A' }),
    ],
    ...(['busy', 'no-answer', 'failed'] as const).map(
      (status): [string, string, Record<string, string>] => [
        `a dialed party: ${status}`,
        'number-status-callback:completed',
        child({
          CallStatus: status,
          SequenceNumber: '0',
          CallDuration: '0',
          Duration: '0',
          SipResponseCode: '480',
        }),
      ],
    ),
    [
      'a dialed party was given up',
      'number-status-callback:completed',
      child({
        CallStatus: 'canceled',
        SequenceNumber: '2',
        CallDuration: '0',
        Duration: '0',
        SipResponseCode: '487',
      }),
    ],
    [
      'a dialed machine',
      'number-status-callback:completed',
      child({
        CallStatus: 'completed',
        SequenceNumber: '3',
        CallDuration: '9',
        Duration: '1',
        SipResponseCode: '200',
        AnsweredBy: 'machine_start',
      }),
    ],
    [
      'a dialed party that tells where it is',
      'number-status-callback:ringing',
      { ...child({ CallStatus: 'ringing', SequenceNumber: '0' }), ...PLACES },
    ],
    [
      'a conference waits for somebody',
      'conference-wait-url',
      live({ ConferenceSid: 'CF00000000000000000000000000000001' }),
    ],
    [
      'a queue was empty, told otherwise than thought',
      'dial-action',
      live({ DialCallStatus: 'completed', DequeueResult: 'queue-empty', QueueSid: QUEUE }),
    ],
    [
      'a member hung up in mid-talk',
      'enqueue-action',
      live({ CallStatus: 'completed', QueueSid: QUEUE, QueueTime: '3', QueueResult: 'hangup' }),
    ],
  ])('%s (%s)', async (_, kind, params) => {
    const results = await checkConformance([
      { source: 'test', kind, params, partial: false, http: {} },
    ]);

    expect(describeResults(results)).toContain('1 of 1 payloads conform');
  });
});

test('the recording of 2019 conforms', async () => {
  const results = await checkDirectory(SET_OF_2019);

  expect(results.map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: 5 }, () => 'conforms'),
  );
});

describe('what does not conform is said', () => {
  test('a field the network does not send is missing, one it should not is extra, another form is ill-typed', async () => {
    const params = {
      ...live({ Digits: '1', FinishedOnKey: '', msg: 'Gather End', Colour: 'red' }),
      CallSid: '17',
      ToCountry: 'France',
    };
    delete (params as Record<string, string>)['Caller'];
    const [result] = await checkConformance([
      { source: 'test', kind: 'gather-action', params, partial: false, http: { referer: null } },
    ]);

    expect(result!.findings.map(({ problem, field }) => [problem, field])).toEqual(
      expect.arrayContaining([
        ['missing', 'Colour'],
        ['extra', 'Caller'],
        ['illTyped', 'CallSid'],
        ['differs', 'CalledCountry'],
        ['extra', 'header:referer'],
      ]),
    );
  });

  test('in a partial payload absence proves nothing, and what was blotted out is not compared', async () => {
    const params = {
      CallSid: 'CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      From: '+1206*******',
      CallStatus: 'ringing',
      Direction: 'inbound',
    };
    const [result] = await checkConformance([
      { source: 'test', kind: 'inbound-voice-url', params, partial: true, http: {} },
    ]);

    expect(result).toMatchObject({ outcome: 'conforms', findings: [] });
  });

  test('parameters of the URL itself stand among those of a GET', async () => {
    const params = live({ Digits: '8', FinishedOnKey: '', msg: 'Gather End', menu: '2' });
    const [result] = await checkConformance([
      { source: 'test', kind: 'gather-action', params, partial: false, http: { method: 'GET' } },
    ]);

    expect(result).toMatchObject({ outcome: 'conforms' });
  });

  test('an unknown kind is reported, not skipped', async () => {
    const [result] = await checkConformance(parsePayloads('x.json', '{"kind":"sms","params":{}}'));

    expect(result).toMatchObject({ outcome: 'unknownKind' });
  });

  test('a file that is no payload is refused by name', () => {
    expect(() => parsePayloads('x.json', '{"params":{}}')).toThrow('x.json');
    expect(() => parsePayloads('y.json', '{"kind":"a","params":{"Digits":1}}')).toThrow('Digits');
  });
});

function place(
  side: 'From' | 'To',
  city: string,
  state: string,
  zip: string,
  country: string,
): Record<string, string> {
  const duplicate = side === 'From' ? 'Caller' : 'Called';
  const parts = { City: city, State: state, Zip: zip, Country: country };
  return Object.fromEntries(
    Object.entries(parts).flatMap(([part, value]) => [
      [side + part, value],
      [duplicate + part, value],
    ]),
  );
}

const PLACES = {
  ...place('From', 'WESTON', 'NY', '10001', 'US'),
  ...place('To', 'EASTON', 'NY', '10002', 'US'),
};

function call(
  more: Record<string, string>,
  places: Record<string, string> = PLACES,
): Record<string, string> {
  return {
    CallSid: CALL,
    AccountSid: ACCOUNT,
    From: '+13155550133',
    Caller: '+13155550133',
    To: '+13155550100',
    Called: '+13155550100',
    CallStatus: 'ringing',
    ApiVersion: '2010-04-01',
    Direction: 'inbound',
    ...places,
    ...more,
  };
}

function live(
  more: Record<string, string>,
  places?: Record<string, string>,
): Record<string, string> {
  return call({ CallStatus: 'in-progress', ...more }, places);
}

function out(more: Record<string, string>): Record<string, string> {
  return call({
    Direction: 'outbound-api',
    From: '+13155550100',
    Caller: '+13155550100',
    To: '+18005550144',
    Called: '+18005550144',
    ...more,
  });
}

function withoutTo(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !/^(To|Called)(City|State|Zip|Country)$/.test(name)),
  );
}

function outToClient(): Record<string, string> {
  return withoutTo(
    out({ CallStatus: 'in-progress', To: 'client:agent_7', Called: 'client:agent_7' }),
  );
}

function clientCall(more: Record<string, string>): Record<string, string> {
  return {
    CallSid: CALL,
    AccountSid: ACCOUNT,
    From: 'client:agent_7',
    Caller: 'client:agent_7',
    CallStatus: 'ringing',
    ApiVersion: '2010-04-01',
    Direction: 'inbound',
    ApplicationSid: APPLICATION,
    ...more,
  };
}

function progress(
  status: string,
  sequence: string,
  more: Record<string, string> = {},
): Record<string, string> {
  return out({
    CallStatus: status,
    SequenceNumber: sequence,
    Timestamp: WHEN,
    CallbackSource: 'call-progress-events',
    ...more,
  });
}

function child(more: Record<string, string>): Record<string, string> {
  return {
    CallSid: CHILD,
    ParentCallSid: CALL,
    AccountSid: ACCOUNT,
    From: '+13155550133',
    Caller: '+13155550133',
    To: '+13155550100',
    Called: '+13155550100',
    ApiVersion: '2010-04-01',
    Direction: 'outbound-dial',
    Timestamp: WHEN,
    CallbackSource: 'call-progress-events',
    ...more,
  };
}

function childLive(more: Record<string, string>): Record<string, string> {
  const {
    Timestamp: _,
    CallbackSource: __,
    ...fields
  } = child({ CallStatus: 'in-progress', ...more });
  return fields;
}

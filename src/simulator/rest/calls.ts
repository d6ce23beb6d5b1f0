import { PROGRESS_EVENTS, type ProgressEvent, type Subscription } from '../call-progress.ts';
import { Leg, type Instructions } from '../leg.ts';
import { normalizeNumber } from '../phone-number.ts';
import { placeCall, type MachineDetectionOptions } from '../placing.ts';
import type { RecordingOptions } from '../recordings.ts';
import { callJson, restStatus } from './call-json.ts';
import { findCall } from './find-call.ts';
import { listNotifications } from './notifications.ts';
import { checkDialable, checkFrom } from './dialing-permission.ts';
import { page, PAGING } from './paging.ts';
import {
  any,
  boolean,
  integer,
  matching,
  method,
  oneOf,
  someOf,
  text,
  url,
  type Parameters,
  type ParameterTable,
} from './parameters.ts';
import {
  created,
  gone,
  ok,
  readForm,
  readQuery,
  type RestCall,
  type RestResponse,
  type Route,
} from './resource.ts';
import { RestError } from './rest-error.ts';

const DAY_MS = 24 * 3_600_000;

/** Twilio's OpenAPI description of api v2010 gives names and ranges. */
const CREATE: ParameterTable = {
  To: any,
  From: any,
  Url: url(),
  Method: method(),
  Twiml: text(21_205, 4000),
  ApplicationSid: matching(/^AP[0-9a-fA-F]{32}$/, 'an application SID', 21_218),
  FallbackUrl: url(),
  FallbackMethod: method(),
  StatusCallback: url(21_609),
  StatusCallbackMethod: method(),
  StatusCallbackEvent: someOf(PROGRESS_EVENTS, 21_626),
  Timeout: integer(1, 600, 21_208),
  TimeLimit: integer(1, 86_400),
  SendDigits: matching(/^[0-9A-D#*wW]{1,32}$/, 'up to 32 of 0-9 A-D # * w W', 21_206),
  MachineDetection: oneOf(['Enable', 'DetectMessageEnd'], 21_234),
  IfMachine: oneOf(['Continue', 'Hangup']),
  AsyncAmd: boolean(),
  AsyncAmdStatusCallback: url(),
  AsyncAmdStatusCallbackMethod: method(),
  MachineDetectionTimeout: integer(3, 59, 21_234),
  MachineDetectionSpeechThreshold: integer(1000, 6000, 21_234),
  MachineDetectionSpeechEndThreshold: integer(500, 5000, 21_234),
  MachineDetectionSilenceTimeout: integer(2000, 10_000, 21_234),
  Record: boolean(),
  RecordingChannels: oneOf(['mono', 'dual']),
  RecordingTrack: oneOf(['inbound', 'outbound', 'both']),
  Trim: oneOf(['trim-silence', 'do-not-trim']),
  RecordingStatusCallback: url(),
  RecordingStatusCallbackMethod: method(),
  RecordingStatusCallbackEvent: someOf(['in-progress', 'completed', 'absent']),
  RecordingConfigurationId: any,
  CallerId: any,
  CallReason: text(20_422, 50),
  CallToken: any,
  Byoc: any,
  SipAuthUsername: any,
  SipAuthPassword: any,
  ClientNotificationUrl: url(),
  Passports: any,
};

const UPDATE: ParameterTable = {
  Url: url(),
  Method: method(),
  Twiml: text(21_205, 4000),
  Status: oneOf(['canceled', 'completed']),
  FallbackUrl: url(),
  FallbackMethod: method(),
  StatusCallback: url(21_609),
  StatusCallbackMethod: method(),
  TimeLimit: integer(1, 86_400),
};

const date = matching(/^\d{4}-\d{2}-\d{2}/, 'a date such as 2030-01-31');
const LIST: ParameterTable = {
  ...PAGING,
  To: any,
  From: any,
  ParentCallSid: any,
  Status: oneOf([
    'queued',
    'ringing',
    'in-progress',
    'completed',
    'busy',
    'failed',
    'no-answer',
    'canceled',
  ]),
  StartTime: date,
  'StartTime<': date,
  'StartTime>': date,
  EndTime: date,
  'EndTime<': date,
  'EndTime>': date,
};

export const callRoutes: readonly Route[] = [
  { method: 'POST', path: /^Calls$/, handle: createCall },
  { method: 'GET', path: /^Calls$/, handle: listCalls },
  { method: 'GET', path: /^Calls\/([^/.]+)$/, handle: fetchCall },
  { method: 'POST', path: /^Calls\/([^/.]+)$/, handle: updateCall },
  { method: 'DELETE', path: /^Calls\/([^/.]+)$/, handle: deleteCall },
  { method: 'GET', path: /^Calls\/([^/.]+)\/Notifications$/, handle: listNotifications },
];

function createCall(call: RestCall): RestResponse {
  const { exchange } = call;
  const parameters = readForm(call, CREATE);
  const from = checkFrom(exchange, parameters.get('From'));
  const to = checkDialable(exchange, parameters.get('To'), from);
  const application = applicationOf(call, parameters);
  const instructions = application?.instructions ?? instructionsOf(parameters);
  if (instructions === null)
    throw new RestError(
      21_205,
      'Url parameter is required: give one of Url, Twiml, ApplicationSid',
    );
  if (exchange.pacer.backlogMs > DAY_MS) throw new RestError(22_005);
  const timeLimitS = parameters.number('TimeLimit');
  const leg = new Leg(exchange, {
    direction: 'outbound-api',
    from,
    to,
    party: exchange.people.partyAt(to),
    instructions,
    subscription: application?.subscription ?? subscriptionOf(parameters),
    phoneNumberSid: exchange.numbers.get(from)?.sid ?? null,
    ringTimeoutMs: (parameters.number('Timeout') ?? 60) * 1000,
    timeLimitMs: timeLimitS === undefined ? null : timeLimitS * 1000,
    extraFields: application ? { ApplicationSid: application.sid } : {},
  });
  if (call.isTest) {
    exchange.legs.delete(leg.sid);
  } else {
    if (parameters.boolean('Record'))
      exchange.recordings.recordCall(leg, recordingOptions(parameters));
    sendDigitsOnAnswer(leg, parameters.get('SendDigits'));
    void placeCall(leg, detectionOf(parameters));
  }
  return created(callJson(leg, true));
}

function applicationOf(
  call: RestCall,
  parameters: Parameters,
): { sid: string; instructions: Instructions; subscription: Subscription | null } | null {
  const sid = parameters.get('ApplicationSid');
  if (sid === undefined) return null;
  const application = call.exchange.applications.get(sid);
  if (!application) throw new RestError(21_218);
  return {
    sid,
    instructions: {
      url: application.voiceUrl,
      method: application.voiceMethod ?? 'POST',
      twiml: null,
      fallbackUrl: application.voiceFallbackUrl ?? null,
      fallbackMethod: 'POST',
    },
    subscription:
      application.statusCallback === undefined
        ? null
        : {
            url: application.statusCallback,
            method: application.statusCallbackMethod ?? 'POST',
            events: new Set(['completed']),
          },
  };
}

/** `Url` beats `Twiml`. */
function instructionsOf(parameters: Parameters): Instructions | null {
  const documentUrl = parameters.get('Url') ?? null;
  const twiml = documentUrl === null ? (parameters.get('Twiml') ?? null) : null;
  if (documentUrl === null && twiml === null) return null;
  return {
    url: documentUrl,
    method: parameters.method('Method'),
    twiml,
    fallbackUrl: parameters.get('FallbackUrl') ?? null,
    fallbackMethod: parameters.method('FallbackMethod'),
  };
}

/** Without `StatusCallbackEvent` only the end is reported. */
function subscriptionOf(parameters: Parameters): Subscription | null {
  const callbackUrl = parameters.get('StatusCallback');
  if (callbackUrl === undefined) return null;
  const events = parameters.all('StatusCallbackEvent') as ProgressEvent[];
  return {
    url: callbackUrl,
    method: parameters.method('StatusCallbackMethod'),
    events: new Set(events.length > 0 ? events : ['completed']),
  };
}

/** `SendDigits` switches machine detection off. */
function detectionOf(parameters: Parameters): MachineDetectionOptions | null {
  const ifMachine = parameters.get('IfMachine');
  const mode =
    parameters.get('MachineDetection') ?? (ifMachine === undefined ? undefined : 'IfMachine');
  if (mode === undefined || parameters.has('SendDigits')) return null;
  return {
    mode: mode as MachineDetectionOptions['mode'],
    hangsUpOnMachine: ifMachine === 'Hangup',
    isAsync: parameters.boolean('AsyncAmd') ?? false,
    timeoutMs: (parameters.number('MachineDetectionTimeout') ?? 30) * 1000,
    callbackUrl: parameters.get('AsyncAmdStatusCallback') ?? null,
    callbackMethod: parameters.method('AsyncAmdStatusCallbackMethod'),
  };
}

function recordingOptions(parameters: Parameters): RecordingOptions {
  const events = parameters.all('RecordingStatusCallbackEvent');
  return {
    source: 'OutboundAPI',
    channels: parameters.get('RecordingChannels') === 'dual' ? 2 : 1,
    track: parameters.get('RecordingTrack') ?? 'both',
    callbackUrl: parameters.get('RecordingStatusCallback') ?? null,
    callbackMethod: parameters.method('RecordingStatusCallbackMethod'),
    callbackEvents: new Set(events.length > 0 ? events : ['completed']),
  };
}

function sendDigitsOnAnswer(leg: Leg, digits: string | undefined): void {
  if (digits === undefined) return;
  leg.answered.listen(() => leg.hear('tone', digits));
}

function listCalls(call: RestCall): RestResponse {
  const parameters = readQuery(call, LIST);
  const calls = [...call.exchange.legs.values()].filter((leg) => isListed(leg, parameters));
  // Newest first; calls of one instant in reverse order of creation.
  const sorted = calls.toReversed().toSorted((a, b) => b.createdAt - a.createdAt);
  return ok(
    page(
      'calls',
      sorted.map((leg) => callJson(leg)),
      parameters,
      call.pathname,
      call.query,
    ),
  );
}

function isListed(leg: Leg, parameters: Parameters): boolean {
  const is = (name: string, value: string | null): boolean =>
    !parameters.has(name) || parameters.get(name) === value;
  return (
    is('Status', restStatus(leg.status)) &&
    is('ParentCallSid', leg.parent?.sid ?? null) &&
    isNumber(parameters.get('To'), leg.to) &&
    isNumber(parameters.get('From'), leg.from) &&
    isWithin(parameters, 'StartTime', leg.startTime) &&
    isWithin(parameters, 'EndTime', leg.endedAt)
  );
}

function isNumber(wanted: string | undefined, actual: string): boolean {
  return wanted === undefined || (normalizeNumber(wanted) ?? wanted) === actual;
}

/** A bare day means that day; a full time, that moment. A call without the time does not match. */
function isWithin(parameters: Parameters, name: string, at: number | null): boolean {
  const given = ['', '<', '>'].map((suffix) => parameters.get(name + suffix));
  if (given.every((value) => value === undefined)) return true;
  if (at === null) return false;
  const [on, before, after] = given;
  if (on !== undefined && new Date(at).toISOString().slice(0, 10) !== on.slice(0, 10)) return false;
  if (before !== undefined && at > Date.parse(before)) return false;
  return after === undefined || at >= Date.parse(after);
}

function fetchCall(call: RestCall): RestResponse {
  const leg = findCall(call);
  const isLagging =
    call.exchange.faults.strikes('rest.lag', { numbers: [leg.from, leg.to] }) !== null;
  const body = callJson(leg);
  return ok(isLagging ? { ...body, status: restStatus(leg.previousStatus) } : body);
}

function updateCall(call: RestCall): RestResponse {
  const leg = findCall(call);
  const parameters = readForm(call, UPDATE);
  const status = parameters.get('Status');
  const instructions = instructionsOf(parameters);
  if (leg.isOver)
    throw new RestError(
      21_220,
      status === undefined ? undefined : 'Call is not in-progress. Cannot change its status.',
    );
  if (instructions !== null && !leg.isAnswered) throw new RestError(21_220);
  const timeLimitS = parameters.number('TimeLimit');
  if (timeLimitS !== undefined) leg.limit(timeLimitS * 1000);
  if (parameters.has('StatusCallback')) leg.progress.subscription = subscriptionOf(parameters);
  if (status === 'completed') leg.hangUp('api');
  else if (status === 'canceled' && !leg.isAnswered) leg.hangUp('api');
  else if (instructions !== null) {
    leg.redirected.emit();
    call.exchange.interpreter.runCall(leg, instructions, 'updated-voice-url');
  }
  return ok(callJson(leg));
}

function deleteCall(call: RestCall): RestResponse {
  const leg = findCall(call);
  if (!leg.isOver) throw new RestError(20_009);
  call.exchange.ledger.remember(leg);
  call.exchange.legs.delete(leg.sid);
  return gone;
}

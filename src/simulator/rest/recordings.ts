import { rfc2822 } from '../dates.ts';
import type { Recording } from '../recordings.ts';
import { page, PAGING } from './paging.ts';
import { any, method, oneOf, someOf, url, type ParameterTable } from './parameters.ts';
import {
  accountUri,
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

/** Recordings as facts: there is no sound behind them. */
export const recordingRoutes: readonly Route[] = [
  { method: 'GET', path: /^Recordings$/, handle: (call) => list(call, () => true) },
  {
    method: 'GET',
    path: /^Recordings\/([^/.]+)$/,
    handle: (call) => ok(recordingJson(call, find(call))),
  },
  { method: 'POST', path: /^Calls\/([^/.]+)\/Recordings$/, handle: startRecording },
  { method: 'POST', path: /^Calls\/([^/.]+)\/Recordings\/([^/]+)$/, handle: stopRecording },
  { method: 'DELETE', path: /^Recordings\/([^/.]+)$/, handle: remove },
  {
    method: 'GET',
    path: /^Calls\/([^/.]+)\/Recordings$/,
    handle: (call) => list(call, (recording) => recording.leg.sid === call.path[0]),
  },
];

function list(call: RestCall, isWanted: (recording: Recording) => boolean): RestResponse {
  const parameters = readQuery(call, {
    ...PAGING,
    CallSid: any,
    ConferenceSid: any,
    DateCreated: any,
  });
  const recordings = call.exchange.recordings
    .all()
    .filter(isWanted)
    .toReversed()
    .map((recording) => recordingJson(call, recording));
  return ok(page('recordings', recordings, parameters, call.pathname, call.query));
}

const START: ParameterTable = {
  RecordingStatusCallback: url(),
  RecordingStatusCallbackMethod: method(),
  RecordingStatusCallbackEvent: someOf(['in-progress', 'completed', 'absent']),
  RecordingChannels: oneOf(['mono', 'dual']),
  RecordingTrack: oneOf(['inbound', 'outbound', 'both']),
  Trim: oneOf(['trim-silence', 'do-not-trim']),
};

function startRecording(call: RestCall): RestResponse {
  const leg = call.exchange.legs.get(call.path[0]!);
  if (!leg) throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  if (!leg.isAnswered || leg.isOver)
    throw new RestError(21_220, 'Call is not in-progress. Cannot record.');
  const parameters = readForm(call, START);
  const events = parameters.all('RecordingStatusCallbackEvent');
  const recording = call.exchange.recordings.start(leg, {
    source: 'StartCallRecordingAPI',
    channels: parameters.get('RecordingChannels') === 'dual' ? 2 : 1,
    track: parameters.get('RecordingTrack') ?? 'both',
    callbackUrl: parameters.get('RecordingStatusCallback') ?? null,
    callbackMethod: parameters.method('RecordingStatusCallbackMethod'),
    callbackEvents: new Set(events.length > 0 ? events : ['completed']),
  });
  leg.beforeEnd.listen(() => recording.stop());
  return created(recordingJson(call, recording));
}

/** By SID, or `Twilio.CURRENT` for the one that runs. */
function stopRecording(call: RestCall): RestResponse {
  const [callSid = '', key = ''] = call.path;
  const leg = call.exchange.legs.get(callSid);
  const recording =
    key === 'Twilio.CURRENT' && leg
      ? call.exchange.recordings.current(leg)
      : call.exchange.recordings.get(key);
  if (!recording)
    throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  const parameters = readForm(call, {
    Status: oneOf(['stopped', 'paused', 'in-progress']),
    PauseBehavior: any,
  });
  if (parameters.get('Status') === 'stopped') recording.stop();
  return ok(recordingJson(call, recording));
}

function remove(call: RestCall): RestResponse {
  call.exchange.recordings.delete(find(call).sid);
  return gone;
}

function find(call: RestCall): Recording {
  const recording = call.exchange.recordings.get(call.path[0]!);
  if (!recording)
    throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  return recording;
}

function recordingJson(call: RestCall, recording: Recording): Record<string, unknown> {
  const { exchange } = call;
  return {
    sid: recording.sid,
    account_sid: exchange.accountSid,
    api_version: exchange.apiVersion,
    call_sid: recording.leg.sid,
    conference_sid: recording.options.conferenceSid ?? null,
    channels: recording.options.channels,
    date_created: rfc2822(recording.startedAt),
    date_updated: rfc2822(recording.startedAt),
    start_time: rfc2822(recording.startedAt),
    duration: String(recording.durationSeconds),
    source: recording.options.source,
    status: recording.status === 'in-progress' ? 'processing' : recording.status,
    error_code: null,
    price: null,
    price_unit: 'USD',
    encryption_details: null,
    media_url: recording.url,
    uri: accountUri(exchange, `Recordings/${recording.sid}.json`),
    subresource_uris: {},
  };
}

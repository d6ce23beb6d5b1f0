import { rfc2822 } from '../dates.ts';
import type { Recording } from '../recordings.ts';
import { page, PAGING } from './paging.ts';
import { any } from './parameters.ts';
import {
  accountUri,
  gone,
  ok,
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

import type { Conference, Participant } from '../conference.ts';
import { rfc2822 } from '../dates.ts';
import { fetchDocument } from '../document.ts';
import type { Exchange } from '../exchange.ts';
import { settleBeside } from '../running.ts';
import { page, PAGING } from './paging.ts';
import { any, matching, method, oneOf, url, type ParameterTable } from './parameters.ts';
import {
  accountUri,
  ok,
  readForm,
  readQuery,
  type RestCall,
  type RestResponse,
  type Route,
} from './resource.ts';
import { RestError } from './rest-error.ts';

const date = matching(/^\d{4}-\d{2}-\d{2}/, 'a date such as 2030-01-31');
const LIST: ParameterTable = {
  ...PAGING,
  DateCreated: date,
  'DateCreated<': date,
  'DateCreated>': date,
  DateUpdated: date,
  'DateUpdated<': date,
  'DateUpdated>': date,
  FriendlyName: any,
  Status: oneOf(['init', 'in-progress', 'completed']),
};
const UPDATE: ParameterTable = {
  Status: oneOf(['completed']),
  AnnounceUrl: url(),
  AnnounceMethod: method(),
};

export const conferenceRoutes: readonly Route[] = [
  { method: 'GET', path: /^Conferences$/, handle: listConferences },
  {
    method: 'GET',
    path: /^Conferences\/([^/.]+)$/,
    handle: (call) => ok(conferenceJson(call.exchange, findConference(call))),
  },
  { method: 'POST', path: /^Conferences\/([^/.]+)$/, handle: updateConference },
];

function listConferences(call: RestCall): RestResponse {
  const parameters = readQuery(call, LIST);
  const name = parameters.get('FriendlyName');
  const status = parameters.get('Status');
  const day = parameters.get('DateCreated');
  const conferences = call.exchange.conferences
    .all()
    .filter((conference) => name === undefined || conference.friendlyName === name)
    .filter((conference) => status === undefined || conference.status === status)
    .filter(
      (conference) =>
        day === undefined || new Date(conference.createdAt).toISOString().startsWith(day),
    )
    .toReversed()
    .map((conference) => conferenceJson(call.exchange, conference));
  return ok(page('conferences', conferences, parameters, call.pathname, call.query));
}

function updateConference(call: RestCall): RestResponse {
  const conference = findConference(call);
  const parameters = readForm(call, UPDATE);
  const announceUrl = parameters.get('AnnounceUrl');
  if (announceUrl !== undefined)
    announce(conference, null, announceUrl, parameters.method('AnnounceMethod'));
  if (parameters.get('Status') === 'completed') conference.end('conference-ended-via-api', null);
  return ok(conferenceJson(call.exchange, conference));
}

/** Plays a document to one participant or to all; none of them notices it ending a call. */
export function announce(
  conference: Conference,
  to: Participant | null,
  documentUrl: string,
  verb: 'GET' | 'POST',
): void {
  const listeners = to ? [to] : [...conference.participants.values()];
  const [first] = listeners;
  if (!first) return;
  void (async () => {
    const request = {
      kind: 'announce-url',
      url: documentUrl,
      method: verb,
      fields: { ConferenceSid: conference.sid },
      referer: null,
    } as const;
    const fetched = await fetchDocument(first.leg, request);
    if (!fetched.ok) {
      conference.announced(documentUrl, to, fetched.message);
      return;
    }
    const { document } = fetched;
    await Promise.all(listeners.map(({ leg }) => playTo(leg, document)));
    conference.announced(documentUrl, to, null);
  })();
}

async function playTo(
  leg: Participant['leg'],
  document: Parameters<Exchange['interpreter']['runVerbs']>[0]['document'],
): Promise<void> {
  try {
    await leg.exchange.interpreter.runVerbs({
      leg,
      scope: leg.life.child(),
      document,
      role: 'conference-wait',
    });
  } catch (error) {
    settleBeside(leg, error);
  }
}

export function findConference(call: RestCall): Conference {
  const conference = call.exchange.conferences.find(decodeURIComponent(call.path[0]!));
  if (!conference)
    throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  return conference;
}

function conferenceJson(exchange: Exchange, conference: Conference): Record<string, unknown> {
  const uri = accountUri(exchange, `Conferences/${conference.sid}`);
  return {
    sid: conference.sid,
    account_sid: exchange.accountSid,
    friendly_name: conference.friendlyName,
    status: conference.status,
    region: 'us1',
    reason_conference_ended: conference.reasonEnded,
    call_sid_ending_conference: conference.callSidEnding,
    api_version: exchange.apiVersion,
    date_created: rfc2822(conference.createdAt),
    date_updated: rfc2822(conference.updatedAt),
    uri: `${uri}.json`,
    subresource_uris: {
      participants: `${uri}/Participants.json`,
      recordings: `${uri}/Recordings.json`,
    },
  };
}

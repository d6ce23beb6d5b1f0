import { PROGRESS_EVENTS, type ProgressEvent } from '../call-progress.ts';
import { conferenceEvents, type ConferenceSubscription, type Participant } from '../conference.ts';
import { rfc2822 } from '../dates.ts';
import { Leg } from '../leg.ts';
import { placeCall } from '../placing.ts';
import { announce, findConference } from './conferences.ts';
import { checkDialable, checkFrom } from './dialing-permission.ts';
import { page, PAGING } from './paging.ts';
import {
  any,
  boolean,
  integer,
  method,
  oneOf,
  someOf,
  text,
  url,
  type Parameters,
  type ParameterTable,
} from './parameters.ts';
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

const CREATE: ParameterTable = {
  From: any,
  To: any,
  StatusCallback: url(),
  StatusCallbackMethod: method(),
  StatusCallbackEvent: someOf(PROGRESS_EVENTS, 21_626),
  Label: text(20_422, 128),
  Timeout: integer(5, 600, 21_208),
  TimeLimit: integer(1, 86_400),
  Record: boolean(),
  Muted: boolean(),
  Beep: oneOf(['true', 'false', 'onEnter', 'onExit']),
  StartConferenceOnEnter: boolean(),
  EndConferenceOnExit: boolean(),
  WaitUrl: any,
  WaitMethod: method(),
  EarlyMedia: boolean(),
  MaxParticipants: integer(2, 250),
  ConferenceRecord: any,
  ConferenceStatusCallback: url(),
  ConferenceStatusCallbackMethod: method(),
  ConferenceStatusCallbackEvent: someOf([
    'start',
    'end',
    'join',
    'leave',
    'mute',
    'hold',
    'modify',
    'speaker',
    'announcement',
  ]),
  Coaching: boolean(),
  CallSidToCoach: any,
  CallerId: any,
  Region: any,
  CallReason: text(20_422, 50),
};
const UPDATE: ParameterTable = {
  Muted: boolean(),
  Hold: boolean(),
  HoldUrl: url(),
  HoldMethod: method(),
  AnnounceUrl: url(),
  AnnounceMethod: method(),
  WaitUrl: any,
  WaitMethod: method(),
  BeepOnExit: boolean(),
  EndConferenceOnExit: boolean(),
  Coaching: boolean(),
  CallSidToCoach: any,
};

const ONE = /^Conferences\/([^/]+)\/Participants\/([^/.]+)$/;
const ALL = /^Conferences\/([^/]+)\/Participants$/;

export const participantRoutes: readonly Route[] = [
  { method: 'GET', path: ALL, handle: listParticipants },
  { method: 'POST', path: ALL, handle: createParticipant },
  { method: 'GET', path: ONE, handle: (call) => ok(participantJson(findParticipant(call))) },
  { method: 'POST', path: ONE, handle: updateParticipant },
  { method: 'DELETE', path: ONE, handle: kickParticipant },
];

function listParticipants(call: RestCall): RestResponse {
  const parameters = readQuery(call, {
    ...PAGING,
    Muted: boolean(),
    Hold: boolean(),
    Coaching: boolean(),
  });
  const participants = [...findConference(call).participants.values()]
    .filter(
      ({ muted }) =>
        parameters.boolean('Muted') === undefined || parameters.boolean('Muted') === muted,
    )
    .filter(
      ({ hold }) => parameters.boolean('Hold') === undefined || parameters.boolean('Hold') === hold,
    )
    .filter(
      ({ coach }) =>
        parameters.boolean('Coaching') === undefined ||
        parameters.boolean('Coaching') === (coach !== null),
    )
    .map(participantJson);
  return ok(page('participants', participants, parameters, call.pathname, call.query));
}

/** Calls someone into a room; the room is made if its name is new. */
function createParticipant(call: RestCall): RestResponse {
  const { exchange } = call;
  const parameters = readForm(call, CREATE);
  const from = checkFrom(exchange, parameters.get('From'));
  const to = checkDialable(exchange, parameters.get('To'), from);
  const name = decodeURIComponent(call.path[0]!);
  const conference =
    exchange.conferences.find(name) ??
    exchange.conferences.open(name, conferenceSubscriptionOf(parameters));
  const statusCallback = parameters.get('StatusCallback');
  const events = parameters.all('StatusCallbackEvent') as ProgressEvent[];
  const leg = new Leg(exchange, {
    direction: 'outbound-api',
    from,
    to,
    party: exchange.people.partyAt(to),
    instructions: {
      url: null,
      method: 'POST',
      twiml: `<Response><Dial>${conferenceNoun(conference.friendlyName, parameters)}</Dial></Response>`,
      fallbackUrl: null,
      fallbackMethod: 'POST',
    },
    subscription:
      statusCallback === undefined
        ? null
        : {
            url: statusCallback,
            method: parameters.method('StatusCallbackMethod'),
            events: new Set(events.length > 0 ? events : ['completed']),
          },
    ringTimeoutMs: (parameters.number('Timeout') ?? 60) * 1000,
  });
  void placeCall(leg, null);
  return created({
    account_sid: exchange.accountSid,
    call_sid: leg.sid,
    conference_sid: conference.sid,
    label: parameters.get('Label') ?? null,
    call_sid_to_coach: parameters.get('CallSidToCoach') ?? null,
    coaching: parameters.boolean('Coaching') ?? false,
    date_created: rfc2822(leg.createdAt),
    date_updated: rfc2822(leg.createdAt),
    end_conference_on_exit: parameters.boolean('EndConferenceOnExit') ?? false,
    muted: parameters.boolean('Muted') ?? false,
    hold: false,
    start_conference_on_enter: parameters.boolean('StartConferenceOnEnter') ?? true,
    status: 'queued',
    queue_time: '0',
    uri: accountUri(exchange, `Conferences/${conference.sid}/Participants/${leg.sid}.json`),
  });
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  StartConferenceOnEnter: 'startConferenceOnEnter',
  EndConferenceOnExit: 'endConferenceOnExit',
  Muted: 'muted',
  Beep: 'beep',
  WaitUrl: 'waitUrl',
  WaitMethod: 'waitMethod',
  MaxParticipants: 'maxParticipants',
  Label: 'participantLabel',
  CallSidToCoach: 'coach',
};

function conferenceNoun(name: string, parameters: Parameters): string {
  const attributes = Object.entries(ATTRIBUTES)
    .filter(([parameter]) => parameters.has(parameter))
    .map(([parameter, attribute]) => ` ${attribute}="${escapeXml(parameters.get(parameter)!)}"`);
  return `<Conference${attributes.join('')}>${escapeXml(name)}</Conference>`;
}

function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function conferenceSubscriptionOf(parameters: Parameters): ConferenceSubscription | null {
  const callbackUrl = parameters.get('ConferenceStatusCallback');
  if (callbackUrl === undefined) return null;
  return {
    url: callbackUrl,
    method: parameters.method('ConferenceStatusCallbackMethod'),
    events: conferenceEvents(parameters.all('ConferenceStatusCallbackEvent')),
  };
}

function updateParticipant(call: RestCall): RestResponse {
  const participant = findParticipant(call);
  const parameters = readForm(call, UPDATE);
  const holdUrl = parameters.get('HoldUrl');
  // Unlike the other methods, HoldMethod is GET unless said otherwise.
  const holdMethod = parameters.get('HoldMethod')?.toUpperCase() === 'POST' ? 'POST' : 'GET';
  if (holdUrl !== undefined) participant.holdDocument = { url: holdUrl, method: holdMethod };
  participant.endOnExit = parameters.boolean('EndConferenceOnExit') ?? participant.endOnExit;
  if (parameters.has('BeepOnExit'))
    participant.beep = parameters.boolean('BeepOnExit') ? 'onExit' : 'false';
  if (parameters.has('Coaching')) {
    participant.coach = parameters.boolean('Coaching')
      ? (parameters.get('CallSidToCoach') ?? participant.coach)
      : null;
  }
  const muted = parameters.boolean('Muted');
  const hold = parameters.boolean('Hold');
  participant.conference.update(participant, {
    ...(muted !== undefined && { muted }),
    ...(hold !== undefined && { hold }),
  });
  const announceUrl = parameters.get('AnnounceUrl');
  if (announceUrl !== undefined)
    announce(participant.conference, participant, announceUrl, parameters.method('AnnounceMethod'));
  return ok(participantJson(participant));
}

function kickParticipant(call: RestCall): RestResponse {
  findParticipant(call).exit.settle('participant_updated_via_api');
  return gone;
}

/** By call SID or label. */
function findParticipant(call: RestCall): Participant {
  const key = decodeURIComponent(call.path[1]!);
  const { participants } = findConference(call);
  const participant =
    participants.get(key) ?? [...participants.values()].find(({ label }) => label === key);
  if (!participant)
    throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  return participant;
}

function participantJson(participant: Participant): Record<string, unknown> {
  const { leg, conference } = participant;
  return {
    account_sid: leg.exchange.accountSid,
    call_sid: leg.sid,
    conference_sid: conference.sid,
    label: participant.label,
    call_sid_to_coach: participant.coach,
    coaching: participant.coach !== null,
    date_created: rfc2822(participant.joinedAt),
    date_updated: rfc2822(participant.updatedAt),
    end_conference_on_exit: participant.endOnExit,
    muted: participant.muted,
    hold: participant.hold,
    start_conference_on_enter: participant.startOnEnter,
    status: 'connected',
    queue_time: String(leg.queueTimeMs),
    uri: accountUri(leg.exchange, `Conferences/${conference.sid}/Participants/${leg.sid}.json`),
  };
}

import type { Direction } from '../leg.ts';
import { ASSUMPTIONS, type Assumptions } from '../options.ts';
import type { Place } from '../places.ts';
import type { RecordedPayload } from './payload.ts';
import {
  CARRIED_FIELDS,
  DATED_FIELDS,
  isRedacted,
  KNOWN_FIELDS,
  STANDARD_FIELDS,
} from './vocabulary.ts';

/** What a payload tells about the call it belongs to: all that is needed to bring that call about again. */
export interface Situation {
  readonly kind: string;
  /** After the colon of a status callback's kind. */
  readonly event: string;
  readonly params: Readonly<Record<string, string>>;
  readonly direction: Direction;
  readonly from: string;
  readonly to: string;
  readonly accountSid: string | null;
  readonly apiVersion: string;
  readonly callerName: string | null;
  readonly applicationSid: string | null;
  /** Passed on from outside: forwarding, attestation, SIP. */
  readonly carried: Readonly<Record<string, string>>;
  /** A client's own parameters. */
  readonly custom: Readonly<Record<string, string>>;
  readonly places: ReadonlyMap<string, Place | null>;
  /** Dated fields the recording does not have. */
  readonly withheld: readonly string[];
  readonly method: 'GET' | 'POST';
  /** Parameters that came with the URL itself: where Twilio used GET they stand among its own. */
  readonly query: Readonly<Record<string, string>>;
  readonly stirStatus: 'A' | 'B' | 'C' | null;
  /** Fields staged with a stand-in, because what was recorded cannot be dialed. */
  readonly standIns: ReadonlySet<string>;
  /** How the switches must stand, where what nobody could verify is told by the payload. */
  readonly assumptions: Partial<Assumptions>;
}

const PROGRESS_DETAILS = ['Timestamp', 'CallbackSource', 'SequenceNumber'];

const STAND_INS = { ours: '+13155550100', theirs: '+13155550133', third: '+13155550134' };

export function readSituation(payload: RecordedPayload): Situation {
  const { params } = payload;
  const [kind = '', event = ''] = payload.kind.split(/:(.*)/s);
  const direction = directionOf(kind, params);
  const isInbound = direction === 'inbound';
  const method = payload.http.method?.toUpperCase() === 'GET' ? 'GET' : 'POST';
  const stirStatus = params['StirStatus'];
  const isRoom = kind === 'conference-wait-url';
  const from = addressOf(
    params,
    'From',
    'Caller',
    isInbound,
    isInbound ? STAND_INS.theirs : STAND_INS.ours,
  );
  const to = addressOf(
    params,
    'To',
    'Called',
    isInbound,
    isInbound ? STAND_INS.ours : STAND_INS.theirs,
    from,
  );
  const standIns = [
    ...(from.isStandIn ? ['From', 'Caller'] : []),
    ...(to.isStandIn ? ['To', 'Called'] : []),
  ];
  const isClient = from.address.startsWith('client:');
  return {
    kind,
    event,
    params,
    direction,
    from: isRoom && from.address === '' ? STAND_INS.theirs : from.address,
    to: isRoom && to.address === '' ? STAND_INS.ours : to.address,
    standIns: new Set(isRoom ? [] : standIns),
    assumptions: assumptionsOf(kind, direction, params),
    accountSid: readable(params['AccountSid'], /^AC[0-9a-f]{32}$/),
    apiVersion: readable(params['ApiVersion'], /^\d{4}-\d{2}-\d{2}$/) ?? '2010-04-01',
    callerName: params['CallerName'] ?? null,
    applicationSid:
      params['ApplicationSid'] === undefined
        ? null
        : (readable(params['ApplicationSid'], /^AP[0-9a-f]{32}$/) ?? `AP${'0'.repeat(32)}`),
    carried: carriedFields(params),
    custom: isClient ? customFields(kind, params) : {},
    places:
      isRoom && from.address === ''
        ? new Map()
        : placesOf(payload, from.address, to.address, direction),
    withheld: withheldFields(kind, params),
    method,
    query: method === 'GET' && !isClient ? customFields(kind, params) : {},
    stirStatus: stirStatus === 'A' || stirStatus === 'B' || stirStatus === 'C' ? stirStatus : null,
  };
}

const PLACE_FIELD = /^(From|To|Caller|Called)(City|State|Zip|Country)$/;

function assumptionsOf(
  kind: string,
  direction: Direction,
  params: Readonly<Record<string, string>>,
): Partial<Assumptions> {
  const hasPlaces = Object.keys(params).some((name) => PLACE_FIELD.test(name));
  const result = params['DequeueResult'];
  const status = params['DialCallStatus'];
  return {
    ...(direction === 'outbound-dial' && hasPlaces && { childGeography: true }),
    ...(kind === 'conference-wait-url' && roomAssumption(params, hasPlaces)),
    ...(kind === 'enqueue-action' &&
      params['CallStatus'] === 'completed' && {
        enqueueActionStatusAfterHangUp: 'completed' as const,
      }),
    ...(kind === 'dial-action' &&
      result !== undefined &&
      status !== undefined &&
      dialQueueAssumption(result, status)),
  };
}

function roomAssumption(
  params: Readonly<Record<string, string>>,
  hasPlaces: boolean,
): Partial<Assumptions> {
  const isNamed = (params['From'] ?? '') !== '';
  if (!isNamed && !hasPlaces) return {};
  return {
    conferenceWait: {
      caller: isNamed ? 'participant' : 'nobody',
      geography: hasPlaces ? 'empty' : 'absent',
    },
  };
}

function dialQueueAssumption(result: string, status: string): Partial<Assumptions> {
  const { dialQueueStatus } = ASSUMPTIONS;
  const key = {
    bridged: 'bridged',
    'queue-empty': 'queueEmpty',
    'queue-not-found': 'queueNotFound',
    hangup: 'hangup',
  }[result];
  if (key === undefined || dialQueueStatus[key as keyof typeof dialQueueStatus] === status)
    return {};
  return { dialQueueStatus: { ...dialQueueStatus, [key]: status } };
}

function withheldFields(kind: string, params: Readonly<Record<string, string>>): string[] {
  // These three came together: one without the others is no matter of age.
  const isEarly = PROGRESS_DETAILS.every((name) => params[name] === undefined);
  const names = Object.keys(DATED_FIELDS).filter(
    (name) => params[name] === undefined && (isEarly || !PROGRESS_DETAILS.includes(name)),
  );
  // A recording that silence ended: no key, and it is not known whether an empty one is told.
  return kind === 'record-action' && params['Digits'] === undefined ? [...names, 'Digits'] : names;
}

function directionOf(kind: string, params: Readonly<Record<string, string>>): Direction {
  const given = params['Direction'];
  if (given === 'inbound' || given === 'outbound-api' || given === 'outbound-dial') return given;
  if (params['ParentCallSid'] !== undefined || kind === 'number-status-callback')
    return 'outbound-dial';
  return kind === 'outbound-voice-url' || kind === 'call-status-callback'
    ? 'outbound-api'
    : 'inbound';
}

/** An address to stage with: the recorded one if it can be read and dialed, else a stand-in. */
function addressOf(
  params: Readonly<Record<string, string>>,
  name: string,
  duplicate: string,
  isInbound: boolean,
  standIn: string,
  other?: { address: string },
): { address: string; isStandIn: boolean } {
  const value = params[name] ?? params[duplicate];
  const isUsable =
    value !== undefined &&
    !isRedacted(value) &&
    (isDialable(value) || (isInbound && !value.startsWith('+')));
  // Nobody can call a number from itself.
  const isSame = !isInbound && other !== undefined && value === other.address;
  if (isUsable && !isSame) return { address: value, isStandIn: false };
  return { address: standIn === other?.address ? STAND_INS.third : standIn, isStandIn: true };
}

function isDialable(address: string): boolean {
  return /^(client:|sip:|\+[1-9]\d{6,14}$)/.test(address);
}

function readable(value: string | undefined, pattern: RegExp): string | null {
  return value !== undefined && pattern.test(value) ? value : null;
}

function isCarried(name: string): boolean {
  return CARRIED_FIELDS.includes(name) || name.startsWith('SipHeader_');
}

function carriedFields(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => isCarried(name)));
}

function customFields(
  kind: string,
  params: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = kind === 'inbound-voice-url' ? STANDARD_FIELDS : KNOWN_FIELDS;
  return Object.fromEntries(
    Object.entries(params).filter(([name]) => !known.has(name) && !isCarried(name)),
  );
}

function placesOf(
  payload: RecordedPayload,
  from: string,
  to: string,
  direction: Direction,
): Map<string, Place | null> {
  const places = new Map<string, Place | null>();
  for (const [number, side, duplicate] of [
    [from, 'From', 'Caller'],
    [to, 'To', 'Called'],
  ] as const) {
    const part = (name: string): string | undefined =>
      payload.params[side + name] ?? payload.params[duplicate + name];
    const isTold = ['City', 'State', 'Zip', 'Country'].some((name) => part(name) !== undefined);
    if (isTold) {
      places.set(number, {
        city: part('City') ?? '',
        state: part('State') ?? '',
        zip: part('Zip') ?? '',
        country: part('Country') ?? '',
      });
    } else if (!payload.partial && direction !== 'outbound-dial') {
      places.set(number, null);
    }
  }
  return places;
}

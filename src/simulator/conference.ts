import { rfc2822 } from './dates.ts';
import type { Exchange } from './exchange.ts';
import type { LedgerBridge } from './ledger.ts';
import type { Leg } from './leg.ts';
import type { Recording } from './recordings.ts';
import { Outcome, Signal } from './scope.ts';
import type { Fields, HttpMethod } from './webhooks.ts';

export type LeaveReason =
  | 'participant_hung_up'
  | 'participant_updated_via_api'
  | 'moderator_ended_conference'
  | 'conference_ended_via_api'
  | 'participant_add_failed';

export type EndReason =
  | 'last-participant-left'
  | 'last-participant-kicked'
  | 'participant-with-end-conference-on-exit-left'
  | 'participant-with-end-conference-on-exit-kicked'
  | 'conference-ended-via-api';

/** Attribute values of `statusCallbackEvent`, and the events each stands for. */
const EVENT_GROUPS: Readonly<Record<string, readonly string[]>> = {
  start: ['conference-start'],
  end: ['conference-end'],
  join: ['participant-join'],
  leave: ['participant-leave'],
  mute: ['participant-mute', 'participant-unmute'],
  hold: ['participant-hold', 'participant-unhold'],
  modify: ['participant-modify'],
  speaker: ['participant-speech-start', 'participant-speech-stop'],
  announcement: ['announcement-end', 'announcement-fail'],
};

export interface ConferenceSubscription {
  readonly url: string;
  readonly method: HttpMethod;
  readonly events: ReadonlySet<string>;
}

export function conferenceEvents(values: readonly string[]): ReadonlySet<string> {
  return new Set(values.flatMap((value) => EVENT_GROUPS[value] ?? []));
}

export interface ParticipantOptions {
  readonly startOnEnter: boolean;
  readonly endOnExit: boolean;
  readonly muted: boolean;
  readonly beep: 'true' | 'false' | 'onEnter' | 'onExit';
  readonly label: string | null;
  readonly coach: string | null;
}

/** A leg in a conference. */
export class Participant {
  readonly leg: Leg;
  readonly conference: Conference;
  readonly joinedAt: number;
  readonly label: string | null;
  /** Settled when it is to leave other than by hanging up. */
  readonly exit = new Outcome<LeaveReason>();
  /** Emitted whenever what it should hear may have changed: the start, a hold, an announcement. */
  readonly changed = new Signal();
  readonly startOnEnter: boolean;
  updatedAt: number;
  endOnExit: boolean;
  muted: boolean;
  hold = false;
  holdDocument: { url: string; method: HttpMethod } | null = null;
  beep: ParticipantOptions['beep'];
  coach: string | null;

  constructor(conference: Conference, leg: Leg, options: ParticipantOptions) {
    this.conference = conference;
    this.leg = leg;
    this.joinedAt = leg.exchange.clock.now();
    this.updatedAt = this.joinedAt;
    this.startOnEnter = options.startOnEnter;
    this.endOnExit = options.endOnExit;
    this.muted = options.muted;
    this.beep = options.beep;
    this.label = options.label;
    this.coach = options.coach;
  }

  get isTalking(): boolean {
    return !this.muted && !this.hold && this.conference.status === 'in-progress';
  }

  get isListening(): boolean {
    return !this.hold && this.conference.status === 'in-progress';
  }
}

/** A room. It starts when two are in and one of them may start it, and ends with its last participant. */
export class Conference {
  readonly sid: string;
  readonly friendlyName: string;
  readonly createdAt: number;
  readonly participants = new Map<string, Participant>();
  status: 'init' | 'in-progress' | 'completed' = 'init';
  updatedAt: number;
  reasonEnded: EndReason | null = null;
  callSidEnding: string | null = null;
  recording: Recording | null = null;
  readonly #exchange: Exchange;
  readonly #subscription: ConferenceSubscription | null;
  readonly #meetings = new Map<string, LedgerBridge>();
  #sequence = 0;

  constructor(
    exchange: Exchange,
    friendlyName: string,
    subscription: ConferenceSubscription | null,
  ) {
    this.#exchange = exchange;
    this.#subscription = subscription;
    this.sid = exchange.sid('CF');
    this.friendlyName = friendlyName;
    this.createdAt = exchange.clock.now();
    this.updatedAt = this.createdAt;
  }

  join(leg: Leg, options: ParticipantOptions): Participant {
    const participant = new Participant(this, leg, options);
    this.participants.set(leg.sid, participant);
    leg.room = this;
    this.#touch();
    this.#tell('participant-join', participant);
    if (isBeeping(participant, 'onEnter')) this.#play('tone', 'beep');
    if (this.status === 'in-progress') this.#meet(participant);
    else if (this.#mayStart()) this.#start();
    else leg.notice('conference');
    return participant;
  }

  /** Takes a participant out; the room may end with it. */
  leave(participant: Participant, reason: LeaveReason): void {
    if (!this.participants.delete(participant.leg.sid)) return;
    participant.leg.room = null;
    this.#touch();
    this.#part(participant);
    this.#tell('participant-leave', participant, {
      ReasonParticipantLeft: reason,
      ParticipantCallStatus: participant.leg.status,
    });
    if (isBeeping(participant, 'onExit')) this.#play('tone', 'beep');
    const isKicked = reason === 'participant_updated_via_api';
    if (participant.endOnExit) {
      this.end(
        isKicked
          ? 'participant-with-end-conference-on-exit-kicked'
          : 'participant-with-end-conference-on-exit-left',
        participant,
      );
    } else if (this.participants.size === 0) {
      this.end(isKicked ? 'last-participant-kicked' : 'last-participant-left', participant);
    }
  }

  end(reason: EndReason, by: Participant | null): void {
    if (this.status === 'completed') return;
    const hadStarted = this.status === 'in-progress';
    this.status = 'completed';
    this.reasonEnded = reason;
    this.callSidEnding = by?.leg.sid ?? null;
    this.#touch();
    this.recording?.stop();
    this.#exchange.conferences.close(this);
    const leaveReason =
      reason === 'conference-ended-via-api'
        ? 'conference_ended_via_api'
        : 'moderator_ended_conference';
    for (const participant of this.participants.values()) participant.exit.settle(leaveReason);
    if (!hadStarted && reason === 'last-participant-left') return;
    this.#tell('conference-end', null, {
      ReasonConferenceEnded: reason,
      ...(by && { CallSidEndingConference: by.leg.sid }),
      ...(by !== null && by.label !== null && { ParticipantLabelEndingConference: by.label }),
    });
  }

  update(participant: Participant, change: { muted?: boolean; hold?: boolean }): void {
    const { muted, hold } = change;
    if (muted !== undefined && muted !== participant.muted) {
      participant.muted = muted;
      this.#tell(muted ? 'participant-mute' : 'participant-unmute', participant);
    }
    if (hold !== undefined && hold !== participant.hold) {
      participant.hold = hold;
      this.#tell(hold ? 'participant-hold' : 'participant-unhold', participant);
    }
    participant.updatedAt = this.#exchange.clock.now();
    participant.changed.emit();
  }

  announced(url: string, participant: Participant | null, failure: string | null): void {
    this.#tell(failure === null ? 'announcement-end' : 'announcement-fail', participant, {
      AnnounceUrl: url,
      ...(failure !== null && { ReasonAnnouncementFailed: failure }),
    });
  }

  /** Who hears a leg speak: everyone who listens; only the coached one, if it coaches. */
  *hearersOf(leg: Leg): Iterable<Leg> {
    const speaker = this.participants.get(leg.sid);
    if (!speaker?.isTalking) return;
    for (const other of this.participants.values()) {
      if (other === speaker || !other.isListening) continue;
      if (speaker.coach === null || speaker.coach === other.leg.sid) yield other.leg;
    }
  }

  #mayStart(): boolean {
    return (
      this.participants.size >= 2 &&
      [...this.participants.values()].some((participant) => participant.startOnEnter)
    );
  }

  #start(): void {
    this.status = 'in-progress';
    this.#touch();
    this.#tell('conference-start', null);
    for (const participant of this.participants.values()) {
      participant.changed.emit();
      this.#meet(participant);
    }
  }

  /** Books who can hear whom. */
  #meet(newcomer: Participant): void {
    const others = [...this.participants.values()].filter((other) => other !== newcomer);
    for (const other of others) {
      const key = pairKey(newcomer, other);
      if (!this.#meetings.has(key))
        this.#meetings.set(
          key,
          this.#exchange.ledger.bridged('conference', newcomer.leg, other.leg, null),
        );
    }
    if (others.length > 0) newcomer.leg.notice('bridged');
  }

  #part(leaver: Participant): void {
    for (const other of this.participants.values()) {
      const meeting = this.#meetings.get(pairKey(leaver, other));
      if (meeting) this.#exchange.ledger.unbridged(meeting);
      this.#meetings.delete(pairKey(leaver, other));
      if (this.participants.size === 1 && !other.leg.isOver) other.leg.notice('unbridged');
    }
  }

  #play(kind: 'tone', text: string): void {
    for (const participant of this.participants.values()) participant.leg.hear(kind, text);
  }

  #touch(): void {
    this.updatedAt = this.#exchange.clock.now();
  }

  #tell(event: string, participant: Participant | null, more: Fields = {}): void {
    const subscription = this.#subscription;
    if (!subscription?.events.has(event)) return;
    void this.#exchange.webhooks.send({
      kind: 'conference-status-callback',
      url: subscription.url,
      method: subscription.method,
      fields: {
        ConferenceSid: this.sid,
        FriendlyName: this.friendlyName,
        AccountSid: this.#exchange.accountSid,
        SequenceNumber: String(++this.#sequence),
        Timestamp: rfc2822(this.#exchange.clock.now()),
        StatusCallbackEvent: event,
        ...(participant && participantFields(participant)),
        ...more,
      },
      callSid: participant?.leg.sid ?? null,
      cookies: null,
      referer: null,
      numbers: participant ? [participant.leg.from, participant.leg.to] : [],
    });
  }
}

function participantFields(participant: Participant): Fields {
  return {
    CallSid: participant.leg.sid,
    Muted: String(participant.muted),
    Hold: String(participant.hold),
    Coaching: String(participant.coach !== null),
    EndConferenceOnExit: String(participant.endOnExit),
    StartConferenceOnEnter: String(participant.startOnEnter),
    ...(participant.label !== null && { ParticipantLabel: participant.label }),
    ...(participant.coach !== null && { CallSidToCoach: participant.coach }),
  };
}

function isBeeping(participant: Participant, when: 'onEnter' | 'onExit'): boolean {
  return participant.beep === 'true' || participant.beep === when;
}

function pairKey(a: Participant, b: Participant): string {
  return a.leg.sid < b.leg.sid ? a.leg.sid + b.leg.sid : b.leg.sid + a.leg.sid;
}

/** The account's rooms. A name is free again when its room has ended. */
export class Conferences {
  readonly #exchange: Exchange;
  readonly #bySid = new Map<string, Conference>();
  readonly #openByName = new Map<string, Conference>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  open(friendlyName: string, subscription: ConferenceSubscription | null): Conference {
    const known = this.#openByName.get(friendlyName);
    if (known) return known;
    const conference = new Conference(this.#exchange, friendlyName, subscription);
    this.#bySid.set(conference.sid, conference);
    this.#openByName.set(friendlyName, conference);
    return conference;
  }

  close(conference: Conference): void {
    this.#openByName.delete(conference.friendlyName);
  }

  /** By SID, or by the name of a room that is open. */
  find(key: string): Conference | undefined {
    return this.#bySid.get(key) ?? this.#openByName.get(key);
  }

  all(): Conference[] {
    return [...this.#bySid.values()];
  }
}

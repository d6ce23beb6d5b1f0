import {
  conferenceEvents,
  type Conference,
  type LeaveReason,
  type Participant,
} from '../conference.ts';
import { fetchDocument, type DocumentRequest } from '../document.ts';
import type { Interruption } from '../leg.ts';
import { methodOf, resolveUrl, settleBeside, toMethod } from '../running.ts';
import type { Scope } from '../scope.ts';
import type { TwimlElement } from '../twiml.ts';
import type { Fields } from '../webhooks.ts';
import type { Dial } from './dial.ts';
import { recordingCallback } from './dial-recording.ts';

const PARTICIPANTS_MAX = 250;
const MUSIC_LOOP_MS_MIN = 1000;

/** Puts the leg into a room until it leaves; the Dial is then `answered`, with neither child nor duration. */
export async function dialConference(dial: Dial, noun: TwimlElement): Promise<Fields> {
  const { leg, scope } = dial.running;
  const { attributes } = noun;
  const conference = leg.exchange.conferences.open(noun.text, subscriptionOf(dial, noun));
  const max = Number(attributes['maxParticipants'] ?? PARTICIPANTS_MAX);
  if (conference.participants.size >= max) return { DialCallStatus: 'failed' };
  dial.result = { DialCallStatus: 'answered' };
  record(dial, noun, conference);
  const participant = conference.join(leg, {
    startOnEnter: attributes['startConferenceOnEnter'] !== 'false',
    endOnExit: attributes['endConferenceOnExit'] === 'true',
    muted: attributes['muted'] === 'true',
    beep: (attributes['beep'] ?? 'true') as 'true' | 'false' | 'onEnter' | 'onExit',
    label: attributes['participantLabel'] ?? null,
    coach: attributes['coach'] ?? null,
  });
  const limit = leg.exchange.clock.setTimeout(
    () => participant.exit.settle('participant_hung_up'),
    dial.timeLimitMs,
  );
  const stopStar = dial.hangupOnStar
    ? leg.digits.listen((digit) => leaveOnStar(participant, digit))
    : null;
  const music = scope.child();
  void entertain(dial, noun, participant, music);
  let reason: LeaveReason = 'participant_hung_up';
  try {
    reason = await scope.for(participant.exit.promise);
  } catch (error) {
    if (scope.interruption?.kind === 'redirected') reason = 'participant_updated_via_api';
    throw error;
  } finally {
    leg.exchange.clock.clearTimeout(limit);
    stopStar?.();
    music.interrupt({ kind: 'stopped' });
    conference.leave(participant, reason);
  }
  return { DialCallStatus: 'answered' };
}

function leaveOnStar(participant: Participant, digit: string): void {
  if (digit === '*') participant.exit.settle('participant_hung_up');
}

function subscriptionOf(
  dial: Dial,
  noun: TwimlElement,
): { url: string; method: 'GET' | 'POST'; events: ReadonlySet<string> } | null {
  const url = noun.attributes['statusCallback'];
  if (url === undefined) return null;
  return {
    url: resolveUrl(dial.running, url),
    method: toMethod(noun.attributes['statusCallbackMethod'] ?? 'POST'),
    events: conferenceEvents((noun.attributes['statusCallbackEvent'] ?? '').split(/\s+/)),
  };
}

function record(dial: Dial, noun: TwimlElement, conference: Conference): void {
  if (noun.attributes['record'] !== 'record-from-start' || conference.recording) return;
  const { leg } = dial.running;
  conference.recording = leg.exchange.recordings.start(leg, {
    source: 'Conference',
    channels: 1,
    track: 'both',
    conferenceSid: conference.sid,
    ...recordingCallback(dial.running, noun),
  });
}

/** What a participant hears while there is no conversation for it: before the start, and on hold. */
async function entertain(
  dial: Dial,
  noun: TwimlElement,
  participant: Participant,
  scope: Scope<Interruption>,
): Promise<void> {
  try {
    while (!scope.isOver) {
      const turn = scope.child();
      const stop = participant.changed.listen(() => turn.interrupt({ kind: 'stopped' }));
      await playTurn(dial, noun, participant, turn);
      stop();
      if (!turn.isOver) {
        await scope.until<void>((resolve) => participant.changed.listen(() => resolve()));
      }
    }
  } catch (error) {
    settleBeside(participant.leg, error);
  }
}

async function playTurn(
  dial: Dial,
  noun: TwimlElement,
  participant: Participant,
  turn: Scope<Interruption>,
): Promise<void> {
  const { leg, conference } = participant;
  const isWaiting = conference.status === 'init';
  if (!isWaiting && !participant.hold) return;
  const held = participant.hold ? participant.holdDocument : null;
  const waitUrl = noun.attributes['waitUrl'];
  try {
    if (held !== null) {
      await loop(participant, turn, {
        kind: 'hold-url',
        ...held,
        fields: { ConferenceSid: conference.sid },
        referer: null,
      });
    } else if (isWaiting && waitUrl !== undefined) {
      if (waitUrl !== '')
        await loop(participant, turn, waitRequest(dial, noun, conference, waitUrl));
    } else {
      leg.hear('music', 'hold music');
    }
  } catch (error) {
    settleBeside(leg, error);
  }
}

/** A conference's wait request belongs to the room. */
function waitRequest(
  dial: Dial,
  noun: TwimlElement,
  conference: Conference,
  waitUrl: string,
): DocumentRequest {
  return {
    kind: 'conference-wait-url',
    url: resolveUrl(dial.running, waitUrl),
    method: methodOf(noun, 'waitMethod'),
    fields: { ConferenceSid: conference.sid },
    isOfNobody: dial.running.leg.exchange.assumptions.conferenceWait.caller === 'nobody',
    referer: null,
  };
}

async function loop(
  participant: Participant,
  scope: Scope<Interruption>,
  first: DocumentRequest,
): Promise<void> {
  const { leg } = participant;
  const { clock, interpreter } = leg.exchange;
  let request = first;
  for (;;) {
    const startedAt = clock.now();
    const fetched = await scope.for(fetchDocument(leg, request));
    if (!fetched.ok) {
      leg.hear('music', 'hold music');
      return;
    }
    const step = await interpreter.runVerbs({
      leg,
      scope,
      document: fetched.document,
      role: 'conference-wait',
    });
    request =
      step.kind === 'goto' ? { ...step.request, kind: first.kind, fields: first.fields } : first;
    const leftMs = MUSIC_LOOP_MS_MIN - (clock.now() - startedAt);
    if (leftMs > 0) await scope.sleep(leftMs);
  }
}

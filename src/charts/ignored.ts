/** An event that a state leaves unanswered on purpose, where, and why; the tests of the charts prove the lists complete. */
export interface Ignored {
  events: readonly string[];
  /** Beginnings of the paths of states; `''` is everywhere. */
  in: readonly string[];
  why: string;
}

const CONNECTED = ['consumerConnected', 'dialing', 'queued', 'bridged'];

export const SESSION_IGNORES: readonly Ignored[] = [
  {
    events: ['agent.callLeads'],
    in: ['idle', 'consumerConnected.wrappingUp', 'dialing', 'queued', 'bridged', 'completed'],
    why: 'calls are ordered by an agent who is on the phone, free, and owes nothing',
  },
  {
    events: ['agent.pause'],
    in: [
      'idle',
      'consumerConnected.paused',
      'consumerConnected.wrappingUp',
      'queued',
      'bridged',
      'completed',
    ],
    why: 'nobody is being called, or a lead is already on the way to her',
  },
  {
    events: ['agent.hangUp'],
    in: ['idle', 'consumerConnected', 'completed'],
    why: 'there is nobody to hang up on',
  },
  {
    events: ['agent.dispose'],
    in: [
      'idle.clear',
      'consumerConnected.ready',
      'consumerConnected.paused',
      'dialing',
      'queued',
      'bridged',
      'completed',
    ],
    why: 'no disposition is owed',
  },
  {
    events: ['consumer.connected'],
    in: [...CONNECTED, 'completed'],
    why: 'while her phone is connected, and after sign-out, no code is valid',
  },
  {
    events: ['consumer.disconnected'],
    in: ['idle', 'completed.closed'],
    why: 'known: it brought her here',
  },
];

/** What Twilio tells of a call that was placed. */
const NEWS_OF_A_CALL = [
  'twilio.created',
  'twilio.createLost',
  'twilio.notFound',
  'leg.status',
  'leg.answered',
  'leg.bridged',
  'leg.dequeued',
  'leg.completed',
];

const AFTER_REQUEST = ['dialing', 'queued', 'bridged', 'ending'];

export const CALL_IGNORES: readonly Ignored[] = [
  { events: ['leg.waited'], in: [''], why: 'the state alone says what a waiting lead hears' },
  { events: ['twilio.requested'], in: AFTER_REQUEST, why: 'a call is requested once' },
  {
    events: NEWS_OF_A_CALL,
    in: ['idle'],
    why: 'nobody has been asked to place this call, so nobody has news of it',
  },
  {
    events: ['claim.granted', 'claim.denied'],
    in: [
      'idle',
      'dialing.requesting',
      'dialing.placed',
      'dialing.unconfirmed',
      'queued',
      'bridged',
      'ending',
    ],
    why: 'an answer to a claim comes in the turn of the claim',
  },
  {
    events: ['call.hangUp', 'talk.over'],
    in: ['idle', 'dialing', 'ending'],
    why: 'only a call that was granted the agent can be hung up by her, or end with her Dial',
  },
  {
    events: ['call.cancel'],
    in: ['bridged', 'ending', 'dialing.claiming'],
    why: 'too late to cancel, or canceled already',
  },
  {
    events: ['twilio.createFailed', 'twilio.createLost', 'twilio.notFound'],
    in: [
      'dialing.placed',
      'dialing.claiming',
      'queued',
      'bridged',
      'ending.closing',
      'ending.canceling.requested',
      'ending.canceling.insisting',
    ],
    why: 'a webhook has proved that the call exists',
  },
  {
    events: ['twilio.notFound'],
    in: ['dialing.requesting'],
    why: 'nobody has been asked to look for it yet',
  },
  { events: ['twilio.createLost'], in: ['dialing.unconfirmed'], why: 'known: it is looked up' },
  {
    events: ['leg.status'],
    in: [
      'dialing.placed.ringing',
      'dialing.placed.overdue',
      'dialing.claiming',
      'queued',
      'bridged',
      'ending.canceling.requested',
      'ending.canceling.insisting',
      'ending.closing',
    ],
    why: 'rank never falls: the call is further than any status says',
  },
  {
    events: ['leg.answered'],
    in: ['queued', 'bridged', 'ending.closing'],
    why: 'it was answered; the state says what it hears',
  },
  {
    events: ['leg.bridged', 'leg.dequeued'],
    in: ['dialing', 'ending'],
    why: 'it was never put in the queue, or its end was told by somebody else first',
  },
  { events: ['leg.bridged'], in: ['bridged'], why: 'the same fact twice' },
  {
    events: [
      'twilio.requested',
      'twilio.createFailed',
      ...NEWS_OF_A_CALL,
      'claim.granted',
      'claim.denied',
      'call.cancel',
      'call.hangUp',
      'talk.over',
    ],
    in: ['completed'],
    why: 'what has ended stays ended; the session has forgotten it in the turn of its end',
  },
];

export const GATE_IGNORES: readonly Ignored[] = [
  {
    events: ['code.accepted', 'code.refused', 'code.missing'],
    in: ['dismissed'],
    why: 'goodbye was said; more digits change nothing',
  },
];

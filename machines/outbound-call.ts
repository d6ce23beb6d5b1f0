import { assign, setup, stateIn } from 'xstate';
import type { CallEvent, CallMessage, EffectOrder } from '../src/domain/events.ts';
import type { CallId, CallSid, LeadId } from '../src/domain/ids.ts';
import type { Outcome } from '../src/domain/outcome.ts';

/** How long an attempt may spend where, in milliseconds. */
export interface CallLimits {
  /** Longest wait for the reply of `calls.create`. */
  createWithinMs: number;
  /** 0: a loser stops ringing at once. 15,000: it rings as long as 16 CFR 310.4(b)(4)(ii) wants. */
  ringAtLeastMs: number;
  /** Known to Twilio for longer than this without an end or an answer, and Twilio is asked. */
  ringAtMostMs: number;
  /** From the answer to the bridge; then the way out. The law gives 2,000 (16 CFR 310.4(b)(1)(iv)). */
  bridgeWithinMs: number;
  /** Until a request to end a leg, or to say what became of it, is repeated. */
  askAgainAfterMs: number;
  /** How long a call whose create reply was lost is looked up before it counts as never placed. */
  lookUpWithinMs: number;
}

export interface OutboundCallInput {
  callId: CallId;
  leadId: LeadId;
  limits: CallLimits;
}

export interface OutboundCallContext extends OutboundCallInput {
  /** Learnt from whoever names it first: the REST reply or a webhook. */
  sid: CallSid | null;
  outcome: Outcome | null;
}

/** One attempt to reach one lead: one Twilio call. Child of the agent session that asked for it. */
export const outboundCallMachine = setup({
  types: {} as {
    context: OutboundCallContext;
    input: OutboundCallInput;
    events: CallEvent;
    tags:
      | 'twiml.enqueue'
      | 'twiml.hold'
      | 'twiml.leave'
      | 'twiml.proceed'
      | 'twiml.notice'
      | 'twiml.lostLine'
      | 'twiml.hangUp';
  },
  actions: {
    /** An order to the world; carried out by the dialer when the journal is safe. */
    order: (_, _order: EffectOrder) => {},
    /** A word to the session that owns this attempt; it adds our ids and the outcome. */
    tellSession: (_, _message: { type: CallMessage['type'] }) => {},
    learnSid: assign({
      sid: ({ context, event }) => context.sid ?? ('sid' in event ? event.sid : null),
    }),
    settle: assign({ outcome: (_, { outcome }: { outcome: Outcome }) => outcome }),
    settleByStatus: assign({
      outcome: ({ event }): Outcome => {
        if (event.type !== 'leg.completed') return 'failed';
        switch (event.status) {
          case 'completed':
            return 'abandoned'; // It was answered, and nobody was bridged.
          case 'no-answer':
            return 'noAnswer';
          case 'busy':
          case 'failed':
          case 'canceled':
            return event.status;
        }
      },
    }),
  },
  guards: {
    isMachine: ({ event }) => event.type === 'leg.answered' && event.answeredBy === 'machine',
    isRinging: ({ event }) => event.type === 'leg.status' && event.status === 'ringing',
    wasBridged: ({ event }) => event.type === 'leg.dequeued' && event.result === 'bridged',
    mustRingOn: ({ context }) => context.limits.ringAtLeastMs > 0,
    isRingingOut: stateIn({ dialing: { placed: { ringing: 'ringingOut' } } }),
  },
  delays: {
    createWithin: ({ context }) => context.limits.createWithinMs,
    ringAtLeast: ({ context }) => context.limits.ringAtLeastMs,
    ringAtMost: ({ context }) => context.limits.ringAtMostMs,
    bridgeWithin: ({ context }) => context.limits.bridgeWithinMs,
    askAgainAfter: ({ context }) => context.limits.askAgainAfterMs,
    lookUpWithin: ({ context }) => context.limits.lookUpWithinMs,
  },
}).createMachine({
  id: 'outboundCall',
  // The input comes last: V8 is fifty times as slow at adding to a copy of it.
  context: ({ input }) => ({ sid: null, outcome: null, ...input }),
  // Stryker disable next-line ObjectLiteral: bounds a loop that the chart does not have
  options: { maxIterations: 100 },
  initial: 'idle',
  states: {
    idle: {
      description: 'The intent is journaled; the call waits for a line (calls per second).',
      tags: 'twiml.hangUp',
      entry: {
        type: 'order',
        params: ({ context }) => ({
          kind: 'placeCall',
          callId: context.callId,
          leadId: context.leadId,
        }),
      },
      on: {
        'twilio.requested': 'dialing',
        'twilio.createFailed': {
          description: 'Not allowed to be dialed: nobody was rung.',
          target: 'completed',
          actions: [
            { type: 'settle', params: { outcome: 'refused' } },
            { type: 'tellSession', params: { type: 'call.ended' } },
          ],
        },
        'call.cancel': {
          description: 'Withdrawn before it left: nothing was placed, nothing must be ended.',
          target: 'completed',
          actions: [
            { type: 'settle', params: { outcome: 'canceled' } },
            { type: 'tellSession', params: { type: 'call.ended' } },
          ],
        },
      },
    },
    dialing: {
      description: 'Out with Twilio; nobody has answered yet.',
      initial: 'requesting',
      on: {
        'twilio.created': { description: 'The late REST reply: the same fact learnt twice.' },
        'leg.completed': {
          description:
            'Busy, no answer, failed, canceled; or answered and gone before we could serve it.',
          target: 'completed',
          actions: [
            'learnSid',
            'settleByStatus',
            { type: 'tellSession', params: { type: 'call.ended' } },
          ],
        },
        'leg.answered': [
          {
            description: 'A machine picked up: nobody is abandoned, nobody needs the agent.',
            guard: 'isMachine',
            target: 'ending.closing.dismissing',
            actions: ['learnSid', { type: 'settle', params: { outcome: 'machine' } }],
          },
          {
            description:
              'Answered. Before the REST reply this is the registration race: the webhook names our call id and brings the SID, so nothing had to be registered first.',
            target: '.claiming',
            actions: 'learnSid',
          },
        ],
      },
      states: {
        requesting: {
          description: 'calls.create was sent; its reply is awaited.',
          tags: 'twiml.hangUp',
          on: {
            'twilio.created': { target: 'placed', actions: 'learnSid' },
            'leg.status': [
              {
                description: 'Registration race: a status callback proves the call before REST.',
                guard: 'isRinging',
                target: 'placed.ringing',
                actions: 'learnSid',
              },
              {
                description: 'The same, of a phone that does not ring yet.',
                target: 'placed',
                actions: 'learnSid',
              },
            ],
            'twilio.createFailed': {
              description: 'Twilio refused the number or the request: no call exists.',
              target: '#outboundCall.completed',
              actions: [
                { type: 'settle', params: { outcome: 'refused' } },
                { type: 'tellSession', params: { type: 'call.ended' } },
              ],
            },
            'twilio.createLost': 'unconfirmed',
            'call.cancel': {
              description: 'Canceled without a SID: nothing can be ended until someone names it.',
              target: '#outboundCall.ending.canceling.withoutSid',
            },
          },
          after: {
            createWithin: {
              description: 'No reply: the call may exist, so it is looked up, never sent again.',
              target: 'unconfirmed',
            },
          },
        },
        placed: {
          description: 'The call exists and its SID is known.',
          tags: 'twiml.hangUp',
          initial: 'accepted',
          on: { 'call.cancel': '#outboundCall.ending.canceling.requested' },
          after: {
            ringAtMost: {
              description: 'A terminal callback is overdue.',
              target: '.overdue',
            },
          },
          states: {
            accepted: {
              description: 'Twilio has the call; the phone does not ring yet.',
              on: {
                'leg.status': {
                  description: 'Only ringing is news here.',
                  guard: 'isRinging',
                  target: 'ringing',
                },
              },
            },
            ringing: {
              description: 'The phone rings at the lead’s.',
              initial: 'early',
              after: {
                ringAtLeast: [
                  {
                    description: 'It has rung as long as the law wants, and nobody waits for it.',
                    guard: 'isRingingOut',
                    target: '#outboundCall.ending.canceling.requested',
                  },
                  {
                    description: 'Still in the race: from now on it may be ended at once.',
                    target: '.longEnough',
                  },
                ],
              },
              states: {
                early: {
                  description: 'Rings, for less than the law wants.',
                  on: {
                    'call.cancel': [
                      {
                        description: 'Lost, but hanging up now would break the ring-time rule.',
                        guard: 'mustRingOn',
                        target: 'ringingOut',
                      },
                      {
                        description: 'Lost, and nothing asks it to ring on: ended at once.',
                        target: '#outboundCall.ending.canceling.requested',
                      },
                    ],
                  },
                },
                ringingOut: {
                  description:
                    'A loser that rings on as the law wants; it may not claim the agent.',
                  on: {
                    'call.cancel': {},
                    'leg.answered': [
                      {
                        description: 'A machine answers the loser: nobody is abandoned.',
                        guard: 'isMachine',
                        target: '#outboundCall.ending.closing.dismissing',
                        actions: { type: 'settle', params: { outcome: 'machine' } },
                      },
                      {
                        description: 'A person answers the loser: courtesy notice, abandoned.',
                        target: '#outboundCall.ending.closing.refusing',
                        actions: { type: 'settle', params: { outcome: 'abandoned' } },
                      },
                    ],
                  },
                },
                longEnough: { description: 'Rings; it may be ended at any time.' },
              },
            },
            overdue: {
              description: 'Age alone ends no call: Twilio is asked, and asked again.',
              entry: {
                type: 'order',
                params: ({ context }) => ({
                  kind: 'inspectCall',
                  callId: context.callId,
                  sid: context.sid,
                }),
              },
              after: {
                askAgainAfter: {
                  description: 'No news: Twilio is asked once more.',
                  target: 'overdue',
                  reenter: true,
                },
              },
            },
          },
        },
        unconfirmed: {
          description: 'The create reply was lost: the call is searched for, never placed twice.',
          tags: 'twiml.hangUp',
          entry: {
            type: 'order',
            params: ({ context }) => ({
              kind: 'lookUpCall',
              callId: context.callId,
              leadId: context.leadId,
            }),
          },
          on: {
            'twilio.created': { target: 'placed', actions: 'learnSid' },
            'leg.status': [
              {
                description: 'Found by its own callback: it rings.',
                guard: 'isRinging',
                target: 'placed.ringing',
                actions: 'learnSid',
              },
              {
                description: 'Found by its own callback.',
                target: 'placed',
                actions: 'learnSid',
              },
            ],
            'twilio.createFailed': {
              target: '#outboundCall.completed',
              actions: [
                { type: 'settle', params: { outcome: 'refused' } },
                { type: 'tellSession', params: { type: 'call.ended' } },
              ],
            },
            'twilio.notFound': {
              description: 'Searched long enough: it was never placed.',
              target: '#outboundCall.completed',
              actions: [
                { type: 'settle', params: { outcome: 'failed' } },
                { type: 'tellSession', params: { type: 'call.ended' } },
              ],
            },
            'call.cancel': '#outboundCall.ending.canceling.withoutSid',
          },
          after: {
            lookUpWithin: {
              description: 'Nobody could say in all that time: it counts as never placed.',
              target: '#outboundCall.completed',
              actions: [
                { type: 'settle', params: { outcome: 'failed' } },
                { type: 'tellSession', params: { type: 'call.ended' } },
              ],
            },
          },
        },
        claiming: {
          description:
            'Answered; asks the session for its one agent. The answer comes in this turn.',
          tags: 'twiml.hangUp',
          entry: { type: 'tellSession', params: { type: 'call.claimed' } },
          on: {
            'claim.granted': '#outboundCall.queued',
            'claim.denied': {
              description: 'Somebody was faster, or the agent has gone: notice, abandoned.',
              target: '#outboundCall.ending.closing.refusing',
              actions: { type: 'settle', params: { outcome: 'abandoned' } },
            },
            'leg.answered': {},
          },
        },
      },
    },
    queued: {
      description:
        'Answered and granted: the lead is put in the agent’s queue, to be bridged at once.',
      tags: 'twiml.enqueue',
      initial: 'waiting',
      on: {
        'twilio.created': { description: 'The late REST reply: the answer has named the SID.' },
        'leg.bridged': {
          description: '<Queue url> says that the bridge is being made.',
          target: 'bridged',
        },
        'leg.dequeued': [
          {
            description:
              'The bridge came and went and the word of it was lost: told now, in order.',
            guard: 'wasBridged',
            target: 'ending.closing.afterTalk',
            actions: [
              { type: 'tellSession', params: { type: 'call.bridged' } },
              { type: 'settle', params: { outcome: 'talked' } },
            ],
          },
          {
            description: 'Out of the queue without a bridge: notice, abandoned.',
            target: 'ending.closing.refusing',
            actions: { type: 'settle', params: { outcome: 'abandoned' } },
          },
        ],
        'talk.over': {
          description:
            'The agent’s side saw the bridge come and go before any word from the lead’s.',
          target: 'ending.closing.afterTalk',
          actions: [
            { type: 'tellSession', params: { type: 'call.bridged' } },
            { type: 'settle', params: { outcome: 'talked' } },
          ],
        },
        'leg.completed': {
          description: 'The leg is gone. Whether a bridge had come and gone, the queue will say.',
          target: '.gone',
        },
        'call.cancel': {
          description: 'The agent has left: do not let the lead wait for nobody.',
          target: '.released',
        },
        'call.hangUp': {
          description: 'She wants nobody now: the lead is shown the way out.',
          target: '.released',
        },
      },
      states: {
        waiting: {
          description: 'Hears the hold sound for the moment that the bridge takes.',
          tags: 'twiml.hold',
          after: {
            bridgeWithin: {
              description: 'The two-second rule: the next wait request is shown the way out.',
              target: 'overdue',
            },
          },
        },
        gone: {
          description:
            'Over, and the queue has not said why: the callback has overtaken its word, which came with it.',
          tags: 'twiml.leave',
          on: {
            'leg.completed': {},
            'call.cancel': {},
            'call.hangUp': {},
            'leg.bridged': { description: 'A bridge that was being made when the lead hung up.' },
            'leg.dequeued': [
              {
                description: 'There was a bridge, and it is over: told now, in order.',
                guard: 'wasBridged',
                target: '#outboundCall.completed',
                actions: [
                  { type: 'tellSession', params: { type: 'call.bridged' } },
                  { type: 'settle', params: { outcome: 'talked' } },
                  { type: 'tellSession', params: { type: 'call.ended' } },
                ],
              },
              {
                description: 'The lead hung up in the queue.',
                target: '#outboundCall.completed',
                actions: [
                  { type: 'settle', params: { outcome: 'abandoned' } },
                  { type: 'tellSession', params: { type: 'call.ended' } },
                ],
              },
            ],
            'talk.over': {
              target: '#outboundCall.completed',
              actions: [
                { type: 'tellSession', params: { type: 'call.bridged' } },
                { type: 'settle', params: { outcome: 'talked' } },
                { type: 'tellSession', params: { type: 'call.ended' } },
              ],
            },
          },
          after: {
            bridgeWithin: {
              description: 'No word of any bridge: the lead hung up in the queue.',
              target: '#outboundCall.completed',
              actions: [
                { type: 'settle', params: { outcome: 'abandoned' } },
                { type: 'tellSession', params: { type: 'call.ended' } },
              ],
            },
          },
        },
        released: {
          description:
            'Nobody is there for it: leaves the queue at its next request. A bridge that is already being made still counts.',
          tags: 'twiml.leave',
          on: { 'call.cancel': {}, 'call.hangUp': {} },
          after: {
            askAgainAfter: {
              description:
                'It makes no request: once a wait document is lost, Twilio plays music and asks for none any more.',
              target: 'stranded',
            },
          },
        },
        stranded: {
          description: 'In a queue that nobody attends, with no way out of its own: ended by REST.',
          tags: 'twiml.leave',
          on: { 'call.cancel': {}, 'call.hangUp': {} },
          entry: {
            type: 'order',
            params: ({ context }) => ({
              kind: 'endCall',
              callId: context.callId,
              sid: context.sid,
              how: 'complete',
            }),
          },
          after: {
            askAgainAfter: {
              description: 'Asked until Twilio confirms the end.',
              target: 'stranded',
              reenter: true,
            },
          },
        },
        overdue: {
          description:
            'Leaves the queue at its next request; a bridge that is already being made still counts.',
          tags: 'twiml.leave',
          after: {
            askAgainAfter: {
              description: 'The queue should have let it go long ago.',
              target: 'silent',
            },
          },
        },
        silent: {
          description: 'No word from the queue at all: Twilio is asked what became of the leg.',
          tags: 'twiml.leave',
          entry: {
            type: 'order',
            params: ({ context }) => ({
              kind: 'inspectCall',
              callId: context.callId,
              sid: context.sid,
            }),
          },
          after: {
            askAgainAfter: {
              description: 'No news: Twilio is asked once more.',
              target: 'silent',
              reenter: true,
            },
          },
        },
      },
    },
    bridged: {
      description: 'Agent and lead hear each other.',
      tags: 'twiml.proceed',
      entry: { type: 'tellSession', params: { type: 'call.bridged' } },
      on: {
        'twilio.created': { description: 'The late REST reply: the answer has named the SID.' },
        'leg.dequeued': {
          description: 'The talk is over; whoever hung up, the leg may still be there.',
          target: 'ending.closing.afterTalk',
          actions: { type: 'settle', params: { outcome: 'talked' } },
        },
        'talk.over': {
          description: 'The same, heard from the agent’s side first.',
          target: 'ending.closing.afterTalk',
          actions: { type: 'settle', params: { outcome: 'talked' } },
        },
        'leg.completed': {
          target: 'completed',
          actions: [
            { type: 'settle', params: { outcome: 'talked' } },
            { type: 'tellSession', params: { type: 'call.ended' } },
          ],
        },
        'call.hangUp': {
          description: 'The agent ends the talk: she is free at once, the leg follows.',
          target: 'ending.closing.hangingUp',
          actions: { type: 'settle', params: { outcome: 'talked' } },
        },
      },
    },
    ending: {
      description: 'The leg is on its way out; it stays ours until Twilio confirms.',
      initial: 'canceling',
      on: {
        'twilio.created': { description: 'The late REST reply, where the SID is known already.' },
      },
      states: {
        canceling: {
          description: 'Canceled before an answer. It may still be answered: then it is abandoned.',
          initial: 'requested',
          tags: 'twiml.notice',
          on: {
            'leg.completed': {
              target: '#outboundCall.completed',
              actions: [
                'learnSid',
                'settleByStatus',
                { type: 'tellSession', params: { type: 'call.ended' } },
              ],
            },
            'leg.answered': [
              {
                description: 'A machine was faster than our cancel: nobody is abandoned.',
                guard: 'isMachine',
                target: 'closing.dismissing',
                actions: ['learnSid', { type: 'settle', params: { outcome: 'machine' } }],
              },
              {
                description: 'Answered before our cancel arrived: notice, abandoned.',
                target: 'closing.refusing',
                actions: ['learnSid', { type: 'settle', params: { outcome: 'abandoned' } }],
              },
            ],
          },
          states: {
            withoutSid: {
              description: 'Nobody has told us the SID: ended the moment someone names it.',
              on: {
                'twilio.created': { target: 'requested', actions: 'learnSid' },
                'leg.status': { target: 'requested', actions: 'learnSid' },
                'twilio.createLost': {
                  actions: {
                    type: 'order',
                    params: ({ context }) => ({
                      kind: 'lookUpCall',
                      callId: context.callId,
                      leadId: context.leadId,
                    }),
                  },
                },
                'twilio.createFailed': {
                  target: '#outboundCall.completed',
                  actions: [
                    { type: 'settle', params: { outcome: 'canceled' } },
                    { type: 'tellSession', params: { type: 'call.ended' } },
                  ],
                },
                'twilio.notFound': {
                  target: '#outboundCall.completed',
                  actions: [
                    { type: 'settle', params: { outcome: 'canceled' } },
                    { type: 'tellSession', params: { type: 'call.ended' } },
                  ],
                },
              },
              after: {
                lookUpWithin: {
                  description: 'Nobody has named it in all that time: it was never placed.',
                  target: '#outboundCall.completed',
                  actions: [
                    { type: 'settle', params: { outcome: 'canceled' } },
                    { type: 'tellSession', params: { type: 'call.ended' } },
                  ],
                },
              },
            },
            requested: {
              description:
                'REST was asked to cancel: an unanswered call ends, an answered one stays to hear the notice.',
              entry: {
                type: 'order',
                params: ({ context }) => ({
                  kind: 'endCall',
                  callId: context.callId,
                  sid: context.sid,
                  how: 'cancel',
                }),
              },
              after: {
                askAgainAfter: {
                  description:
                    'Neither the end nor an answer has been told: a cancel was not enough.',
                  target: 'insisting',
                },
              },
            },
            insisting: {
              description:
                'Neither ended nor answered: REST is asked to end it whatever its state.',
              entry: {
                type: 'order',
                params: ({ context }) => ({
                  kind: 'endCall',
                  callId: context.callId,
                  sid: context.sid,
                  how: 'complete',
                }),
              },
              after: {
                askAgainAfter: {
                  description: 'Asked until Twilio confirms the end.',
                  target: 'insisting',
                  reenter: true,
                },
              },
            },
          },
        },
        closing: {
          description: 'The outcome is decided and told; only the leg has to go.',
          initial: 'hangingUp',
          entry: { type: 'tellSession', params: { type: 'call.ended' } },
          on: { 'leg.completed': '#outboundCall.completed' },
          states: {
            refusing: {
              description: 'The person hears the courtesy notice; then Twilio hangs up.',
              tags: 'twiml.notice',
              after: {
                lookUpWithin: {
                  description: 'The notice is long over and no end was told: ended by REST.',
                  target: 'hangingUp',
                },
              },
            },
            dismissing: {
              description: 'The machine that answered is hung up on.',
              tags: 'twiml.hangUp',
              after: {
                askAgainAfter: {
                  description: 'Its own hang-up was not confirmed: ended by REST.',
                  target: 'hangingUp',
                },
              },
            },
            afterTalk: {
              description:
                'Off the bridge. A lead who is still there hears that the line was lost.',
              tags: 'twiml.lostLine',
              after: {
                askAgainAfter: {
                  description: 'Its own hang-up was not confirmed: ended by REST.',
                  target: 'hangingUp',
                },
              },
            },
            hangingUp: {
              description: 'REST was asked to end the call, and is asked again until it has ended.',
              tags: 'twiml.hangUp',
              entry: {
                type: 'order',
                params: ({ context }) => ({
                  kind: 'endCall',
                  callId: context.callId,
                  sid: context.sid,
                  how: 'complete',
                }),
              },
              after: {
                askAgainAfter: {
                  description: 'Asked until Twilio confirms the end.',
                  target: 'hangingUp',
                  reenter: true,
                },
              },
            },
          },
        },
      },
    },
    // Its session stops it. Were it `final`, the session would get a done event with the id in its type, and XState
    // keeps for ever what it has found for each type of event.
    completed: {
      description: 'The leg is gone, or never was: the session forgets it.',
      tags: 'twiml.hangUp',
      entry: { type: 'tellSession', params: { type: 'call.closed' } },
    },
  },
});

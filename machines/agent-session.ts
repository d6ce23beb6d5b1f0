import { assign, cancel, createMachine, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { CallMessage, EffectOrder, PlannedCall, SessionEvent } from '../src/domain/events.ts';
import type { AgentId, CallId, CallSid, SessionId } from '../src/domain/ids.ts';
import type { CallLimits, outboundCallMachine } from './outbound-call.ts';

export interface AgentSessionInput {
  sessionId: SessionId;
  agentId: AgentId;
  /** Leads rung at once, 1 to 10. */
  lines: number;
  /** A session without a page for this long is signed out, in milliseconds. */
  detachedWithinMs: number;
  /** Longest wait for the last legs after sign-out, in milliseconds. */
  closeWithinMs: number;
  callLimits: CallLimits;
}

export interface AgentSessionContext extends AgentSessionInput {
  /** The agent's own phone leg, or null while she is not on the phone. */
  consumerSid: CallSid | null;
  /** Whether a page is open. Without one nobody new is dialed; a talk goes on. */
  attached: boolean;
  /** Every attempt that still has a leg, or may have one. */
  open: CallId[];
  /** The attempts that may still win this agent. */
  hoping: CallId[];
  /** Leads asked of the list and not yet received. */
  reserving: number;
  /** The attempt that was granted the agent. */
  winner: PlannedCall | null;
  /** The talk whose disposition is owed. It outlives the phone. */
  wrapUp: PlannedCall | null;
  /** Whether leads are called again by themselves after a disposition. */
  autoNext: boolean;
}

type CallDeliver = Extract<SessionEvent, { type: 'call.deliver' }>;

const freeLines = ({ lines, hoping }: AgentSessionContext): number =>
  Math.max(0, lines - hoping.length);

/** One agent, from sign-in to sign-out. Root actor; it alone grants its one agent. */
export const agentSessionMachine = setup({
  types: {} as {
    context: AgentSessionContext;
    input: AgentSessionInput;
    events: SessionEvent | CallMessage | { type: 'session.expired' };
    tags: 'twiml.dialQueue' | 'twiml.goodbye' | 'closed';
    children: Record<string, 'outboundCall'>;
  },
  // Stryker disable next-line ObjectLiteral: a placeholder, for the type; every session is given its real one
  actors: {
    outboundCall: createMachine({}) as unknown as typeof outboundCallMachine,
  },
  actions: {
    /** An order to the world; carried out by the dialer when the journal is safe. */
    order: (_, _order: EffectOrder) => {},
    learnConsumer: assign({
      consumerSid: ({ context, event }) =>
        event.type === 'consumer.connected' ? event.sid : context.consumerSid,
    }),
    forgetConsumer: assign({ consumerSid: null }),
    attach: assign({ attached: true }),
    detach: assign({ attached: false }),
    setLines: assign({
      lines: ({ context, event }) =>
        event.type === 'agent.setLines' ? event.lines : context.lines,
    }),
    setAutoNext: assign({
      autoNext: ({ context, event }) =>
        event.type === 'agent.setAutoNext' ? event.on : context.autoNext,
    }),
    /** Remembers what `order: reserveLeads` has just asked for. */
    expectLeads: assign({
      reserving: ({ context }) =>
        Math.max(context.reserving, context.lines - context.hoping.length),
    }),
    receiveLeads: assign({
      reserving: ({ context, event }) =>
        event.type === 'leads.reserved' ? context.reserving - event.asked : context.reserving,
    }),
    placeCalls: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'leads.reserved') return;
      const calls = event.calls.slice(0, freeLines(context));
      for (const { callId, leadId } of calls) {
        enqueue.spawnChild('outboundCall', {
          id: callId,
          input: { callId, leadId, limits: context.callLimits },
        });
      }
      const ids = calls.map((call) => call.callId);
      enqueue.assign({
        open: [...context.open, ...ids],
        hoping: [...context.hoping, ...ids],
      });
    }),
    deliver: sendTo(
      (_, { callId }: CallDeliver) => callId,
      (_, { event }) => event,
    ),
    grant: sendTo((_, { callId }: CallMessage) => callId, { type: 'claim.granted' }),
    deny: sendTo((_, { callId }: CallMessage) => callId, { type: 'claim.denied' }),
    setWinner: assign({
      winner: ({ event }) =>
        event.type === 'call.claimed' ? { callId: event.callId, leadId: event.leadId } : null,
    }),
    forgetWinner: assign({ winner: null }),
    forgetWinnerIfEnded: assign({
      winner: ({ context, event }) =>
        'callId' in event && event.callId === context.winner?.callId ? null : context.winner,
    }),
    /** Every attempt that has not won stops hoping and is ended. */
    cancelOthers: enqueueActions(({ enqueue, context }) => {
      for (const callId of context.hoping) {
        if (callId !== context.winner?.callId) enqueue.sendTo(callId, { type: 'call.cancel' });
      }
      enqueue.assign({ hoping: [] });
    }),
    cancelWinner: enqueueActions(({ enqueue, context }) => {
      if (context.winner) enqueue.sendTo(context.winner.callId, { type: 'call.cancel' });
    }),
    hangUpWinner: enqueueActions(({ enqueue, context }) => {
      if (context.winner) enqueue.sendTo(context.winner.callId, { type: 'call.hangUp' });
    }),
    endTalk: enqueueActions(({ enqueue, context }) => {
      if (context.winner) enqueue.sendTo(context.winner.callId, { type: 'talk.over' });
    }),
    oweDisposition: assign({ wrapUp: ({ context }) => context.winner }),
    settleDisposition: assign({ wrapUp: null }),
    stopHoping: assign({
      hoping: ({ context, event }) =>
        event.type === 'call.ended'
          ? context.hoping.filter((id) => id !== event.callId)
          : context.hoping,
    }),
    stayAlive: cancel('expiry'),
    expireLater: raise({ type: 'session.expired' }, { id: 'expiry', delay: 'detachedWithin' }),
    drop: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'call.closed') return;
      enqueue.assign({ open: context.open.filter((id) => id !== event.callId) });
      enqueue.stopChild(event.callId);
    }),
  },
  guards: {
    isOpen: ({ context, event }) =>
      event.type === 'call.deliver' && context.open.includes(event.callId),
    owesDisposition: ({ context }) => context.wrapUp !== null,
    isOwed: ({ context, event }) =>
      event.type === 'agent.dispose' && context.wrapUp?.callId === event.callId,
    isOwedAndCallsOn: ({ context, event }) =>
      event.type === 'agent.dispose' &&
      context.wrapUp?.callId === event.callId &&
      context.autoNext &&
      context.attached &&
      context.winner === null,
    isFree: ({ context }) => context.winner === null && context.wrapUp === null,
    isWinner: ({ context, event }) => 'callId' in event && context.winner?.callId === event.callId,
    winnerEndedWithPage: ({ context, event }) =>
      'callId' in event && context.winner?.callId === event.callId && context.attached,
    hasPage: ({ context }) => context.attached,
    isLastHope: ({ context, event }) =>
      event.type === 'call.ended' &&
      context.reserving === 0 &&
      context.hoping.every((id) => id === event.callId),
    isListFinished: ({ context, event }) =>
      event.type === 'leads.reserved' &&
      event.calls.length === 0 &&
      context.hoping.length === 0 &&
      context.reserving === event.asked,
    isPagelessAndIdle: ({ context, event }) =>
      event.type === 'leads.reserved' &&
      !context.attached &&
      context.hoping.length === 0 &&
      context.reserving === event.asked,
    isPageless: ({ context }) => !context.attached,
    isBridgeOver: ({ event }) => 'result' in event && event.result === 'bridged',
    isQueueMissing: ({ event }) => 'result' in event && event.result === 'queue-not-found',
    isQuiet: ({ context }) => context.open.length === 0 && context.consumerSid === null,
  },
  delays: {
    detachedWithin: ({ context }) => context.detachedWithinMs,
    closeWithin: ({ context }) => context.closeWithinMs,
  },
}).createMachine({
  id: 'agentSession',
  context: ({ input }) => ({
    consumerSid: null,
    attached: true,
    open: [],
    hoping: [],
    reserving: 0,
    winner: null,
    wrapUp: null,
    autoNext: false,
    ...input, // Last: V8 is fifty times as slow at adding to a copy of it.
  }),
  // Stryker disable next-line ObjectLiteral: bounds a loop that the chart does not have
  options: { maxIterations: 100 },
  entry: { type: 'order', params: { kind: 'ensureQueue' } },
  initial: 'idle',
  on: {
    'call.deliver': {
      description: 'News of a leg goes to its attempt; an attempt that is over takes none.',
      guard: 'isOpen',
      actions: { type: 'deliver', params: ({ event }) => event },
    },
    'call.claimed': {
      description: 'Only `dialing` grants; every other state says no.',
      actions: { type: 'deny', params: ({ event }) => event },
    },
    'call.ended': {
      actions: {
        type: 'order',
        params: ({ event }) => ({
          kind: 'callEnded',
          callId: event.callId,
          leadId: event.leadId,
          outcome: event.outcome,
        }),
      },
    },
    'call.bridged': {
      description: 'A bridge that was over, or came, after she had signed out: told all the same.',
      guard: 'isWinner',
      actions: {
        type: 'order',
        params: ({ event }) => ({
          kind: 'callAnswered',
          callId: event.callId,
          leadId: event.leadId,
        }),
      },
    },
    'call.closed': { actions: 'drop' },
    'leads.reserved': {
      description: 'Came too late: nobody is dialed, the leads go back to the list.',
      actions: [
        'receiveLeads',
        { type: 'order', params: ({ event }) => ({ kind: 'releaseLeads', calls: event.calls }) },
      ],
    },
    'consumer.returned': {
      description: 'Nobody came, or the queue was missing: her leg is sent back to the queue.',
      guard: 'isQueueMissing',
      actions: { type: 'order', params: { kind: 'ensureQueue' } },
    },
    'leads.added': {
      description:
        'Nobody is dialed because a list has grown: the agent asks, or her free lines do.',
    },
    'agent.setLines': { actions: 'setLines' },
    'agent.setAutoNext': { actions: 'setAutoNext' },
    'agent.correct': {
      description:
        'A second thought about a talk whose disposition is set: only the record changes.',
      actions: {
        type: 'order',
        params: ({ event }) => ({
          kind: 'recordDisposition',
          callId: event.callId,
          disposition: event.disposition,
          notes: event.notes,
        }),
      },
    },
    'agent.attached': { actions: ['attach', 'stayAlive'] },
    'agent.detached': {
      description: 'The page is gone. The phone goes on; the session is kept for a while.',
      actions: ['detach', 'stayAlive', 'expireLater'],
    },
    'agent.signOut': '.completed',
    'session.expired': '.completed',
  },
  states: {
    idle: {
      description: 'Signed in; her phone is not connected.',
      initial: 'clear',
      on: {
        'call.bridged': {
          description: 'The word of a bridge that was over before it reached us: told, and owed.',
          guard: 'isWinner',
          target: '.wrappingUp',
          actions: [
            'oweDisposition',
            {
              type: 'order',
              params: ({ event }) => ({
                kind: 'callAnswered',
                callId: event.callId,
                leadId: event.leadId,
              }),
            },
          ],
        },
        'call.ended': {
          actions: [
            'forgetWinnerIfEnded',
            {
              type: 'order',
              params: ({ event }) => ({
                kind: 'callEnded',
                callId: event.callId,
                leadId: event.leadId,
                outcome: event.outcome,
              }),
            },
          ],
        },
      },
      states: {
        clear: {
          description: 'Nothing is owed: she may phone in, or sign out.',
          on: {
            'consumer.connected': {
              description: 'She keyed her code: her leg is the consumer of her queue.',
              target: '#agentSession.consumerConnected.ready',
              actions: 'learnConsumer',
            },
          },
        },
        wrappingUp: {
          description: 'Her phone is gone, the disposition of the last talk is still owed.',
          on: {
            'consumer.connected': {
              target: '#agentSession.consumerConnected.wrappingUp',
              actions: 'learnConsumer',
            },
            'agent.dispose': {
              description: 'Recorded without a phone: she owes nothing more.',
              guard: 'isOwed',
              target: 'clear',
              actions: [
                'settleDisposition',
                {
                  type: 'order',
                  params: ({ event }) => ({
                    kind: 'recordDisposition',
                    callId: event.callId,
                    disposition: event.disposition,
                    notes: event.notes,
                  }),
                },
              ],
            },
          },
        },
      },
    },
    consumerConnected: {
      description: 'On the phone, alone in her queue.',
      tags: 'twiml.dialQueue',
      initial: 'ready',
      on: {
        'consumer.disconnected': [
          {
            description: 'She hung up with a disposition owed: it outlives the phone.',
            guard: 'owesDisposition',
            target: 'idle.wrappingUp',
            actions: 'forgetConsumer',
          },
          {
            description: 'She hung up; nothing is owed.',
            target: 'idle',
            actions: 'forgetConsumer',
          },
        ],
        'call.bridged': {
          description:
            'She left and is back before her lead had left the queue: Twilio bridges the two.',
          guard: 'isWinner',
          target: 'bridged',
          actions: {
            type: 'order',
            params: ({ event }) => ({
              kind: 'callAnswered',
              callId: event.callId,
              leadId: event.leadId,
            }),
          },
        },
        'call.ended': {
          actions: [
            'forgetWinnerIfEnded',
            {
              type: 'order',
              params: ({ event }) => ({
                kind: 'callEnded',
                callId: event.callId,
                leadId: event.leadId,
                outcome: event.outcome,
              }),
            },
          ],
        },
      },
      states: {
        ready: {
          description: 'Free: calls are hers to order.',
          on: {
            'agent.callLeads': {
              description: 'Only where no lead is on the way to her and no disposition is owed.',
              guard: 'isFree',
              target: '#agentSession.dialing',
            },
            'agent.pause': 'paused',
          },
        },
        paused: {
          description: 'She wants no calls for now; calling leads again ends the pause.',
          on: {
            'agent.callLeads': {
              description: 'Ends the pause.',
              guard: 'isFree',
              target: '#agentSession.dialing',
            },
          },
        },
        wrappingUp: {
          description: 'The talk is over; nobody is dialed until its disposition is set.',
          on: {
            'agent.dispose': [
              {
                description: 'She wants the next leads to be called by themselves.',
                guard: 'isOwedAndCallsOn',
                target: '#agentSession.dialing',
                actions: [
                  'settleDisposition',
                  {
                    type: 'order',
                    params: ({ event }) => ({
                      kind: 'recordDisposition',
                      callId: event.callId,
                      disposition: event.disposition,
                      notes: event.notes,
                    }),
                  },
                ],
              },
              {
                description: 'Recorded; the next call is hers to order.',
                guard: 'isOwed',
                target: 'ready',
                actions: [
                  'settleDisposition',
                  {
                    type: 'order',
                    params: ({ event }) => ({
                      kind: 'recordDisposition',
                      callId: event.callId,
                      disposition: event.disposition,
                      notes: event.notes,
                    }),
                  },
                ],
              },
            ],
          },
        },
      },
    },
    dialing: {
      description: 'Leads are being called on every free line; nobody has answered yet.',
      tags: 'twiml.dialQueue',
      entry: [
        {
          type: 'order',
          params: ({ context }) => ({
            kind: 'reserveLeads',
            count: context.lines - context.reserving,
          }),
        },
        'expectLeads',
      ],
      on: {
        'leads.reserved': [
          {
            description: 'The page went away meanwhile and no phone rings: nobody new is dialed.',
            guard: 'isPagelessAndIdle',
            target: 'consumerConnected.ready',
            actions: [
              'receiveLeads',
              {
                type: 'order',
                params: ({ event }) => ({ kind: 'releaseLeads', calls: event.calls }),
              },
            ],
          },
          {
            description: 'The page went away, but a phone still rings: no more are added.',
            guard: 'isPageless',
            actions: [
              'receiveLeads',
              {
                type: 'order',
                params: ({ event }) => ({ kind: 'releaseLeads', calls: event.calls }),
              },
            ],
          },
          {
            description: 'Nobody is left to call and no phone rings.',
            guard: 'isListFinished',
            target: 'consumerConnected.ready',
            actions: ['receiveLeads', { type: 'order', params: { kind: 'listFinished' } }],
          },
          {
            description: 'As many as there are lines now; lines taken back meanwhile stay quiet.',
            actions: [
              'receiveLeads',
              {
                type: 'order',
                params: ({ context, event }) => ({
                  kind: 'releaseLeads',
                  calls: event.calls.slice(freeLines(context)),
                }),
              },
              'placeCalls',
            ],
          },
        ],
        'call.claimed': {
          description: 'The first who answers gets the agent; the others are ended.',
          target: 'queued',
          actions: ['setWinner', { type: 'grant', params: ({ event }) => event }, 'cancelOthers'],
        },
        'call.ended': [
          {
            description: 'A line is free again: the next lead.',
            guard: 'hasPage',
            actions: [
              'stopHoping',
              {
                type: 'order',
                params: ({ event }) => ({
                  kind: 'callEnded',
                  callId: event.callId,
                  leadId: event.leadId,
                  outcome: event.outcome,
                }),
              },
              {
                type: 'order',
                params: ({ context }) => ({
                  kind: 'reserveLeads',
                  count: context.lines - context.hoping.length - context.reserving,
                }),
              },
              'expectLeads',
            ],
          },
          {
            description: 'Without a page nobody new is dialed, and this was the last that rang.',
            guard: 'isLastHope',
            target: 'consumerConnected.ready',
            actions: [
              'stopHoping',
              {
                type: 'order',
                params: ({ event }) => ({
                  kind: 'callEnded',
                  callId: event.callId,
                  leadId: event.leadId,
                  outcome: event.outcome,
                }),
              },
            ],
          },
          {
            description: 'Without a page; another phone still rings.',
            actions: [
              'stopHoping',
              {
                type: 'order',
                params: ({ event }) => ({
                  kind: 'callEnded',
                  callId: event.callId,
                  leadId: event.leadId,
                  outcome: event.outcome,
                }),
              },
            ],
          },
        ],
        'agent.setLines': {
          actions: [
            'setLines',
            {
              type: 'order',
              params: ({ context }) => ({
                kind: 'reserveLeads',
                count: context.lines - context.hoping.length - context.reserving,
              }),
            },
            'expectLeads',
          ],
        },
        'agent.attached': {
          description: 'The page is back: lines that became free without it are filled.',
          actions: [
            'attach',
            'stayAlive',
            {
              type: 'order',
              params: ({ context }) => ({
                kind: 'reserveLeads',
                count: context.lines - context.hoping.length - context.reserving,
              }),
            },
            'expectLeads',
          ],
        },
        'agent.pause': {
          description: 'Calling is paused: phones that ring are ended.',
          target: 'consumerConnected.paused',
          actions: 'cancelOthers',
        },
        'agent.hangUp': { target: 'consumerConnected.ready', actions: 'cancelOthers' },
        'consumer.disconnected': {
          description: 'She has left: phones that ring are ended, who answers is told politely.',
          target: 'idle',
          actions: ['forgetConsumer', 'cancelOthers'],
        },
      },
    },
    queued: {
      description: 'A lead answered and is being handed over.',
      tags: 'twiml.dialQueue',
      on: {
        'call.bridged': {
          description: 'The one "answered" notice.',
          guard: 'isWinner',
          target: 'bridged',
          actions: {
            type: 'order',
            params: ({ event }) => ({
              kind: 'callAnswered',
              callId: event.callId,
              leadId: event.leadId,
            }),
          },
        },
        'call.ended': [
          {
            description: 'The lead hung up in the queue, or waited too long: on to the next.',
            guard: 'winnerEndedWithPage',
            target: 'dialing',
            actions: [
              'forgetWinner',
              {
                type: 'order',
                params: ({ event }) => ({
                  kind: 'callEnded',
                  callId: event.callId,
                  leadId: event.leadId,
                  outcome: event.outcome,
                }),
              },
            ],
          },
          {
            description: 'The same without a page: nobody new is dialed.',
            guard: 'isWinner',
            target: 'consumerConnected.ready',
            actions: [
              'forgetWinner',
              {
                type: 'order',
                params: ({ event }) => ({
                  kind: 'callEnded',
                  callId: event.callId,
                  leadId: event.leadId,
                  outcome: event.outcome,
                }),
              },
            ],
          },
          {
            description: 'One of those who were too late: its end is told.',
            actions: {
              type: 'order',
              params: ({ event }) => ({
                kind: 'callEnded',
                callId: event.callId,
                leadId: event.leadId,
                outcome: event.outcome,
              }),
            },
          },
        ],
        'consumer.returned': [
          {
            description: 'Her side saw the bridge come and go before any other word of it.',
            guard: 'isBridgeOver',
            actions: 'endTalk',
          },
          {
            description: 'Her queue is missing: asserted again, and her leg goes back to it.',
            guard: 'isQueueMissing',
            actions: { type: 'order', params: { kind: 'ensureQueue' } },
          },
        ],
        'consumer.disconnected': [
          {
            description: 'She left when the talk was over that nobody had told us of.',
            guard: 'isBridgeOver',
            target: 'idle',
            actions: ['forgetConsumer', 'endTalk'],
          },
          {
            description:
              'She has left: the lead is shown the way out of the queue, with the notice.',
            target: 'idle',
            actions: ['forgetConsumer', 'cancelWinner'],
          },
        ],
        'agent.hangUp': { actions: 'hangUpWinner' },
        'session.expired': { actions: 'expireLater' },
      },
    },
    bridged: {
      description: 'Agent and lead talk.',
      tags: 'twiml.dialQueue',
      on: {
        'call.ended': [
          {
            description: 'The talk is over, once, whoever says it first. She stays on the line.',
            guard: 'isWinner',
            target: 'consumerConnected.wrappingUp',
            actions: [
              'oweDisposition',
              'forgetWinner',
              {
                type: 'order',
                params: ({ event }) => ({
                  kind: 'callEnded',
                  callId: event.callId,
                  leadId: event.leadId,
                  outcome: event.outcome,
                }),
              },
            ],
          },
          {
            description: 'One of those who were too late: its end is told, the talk goes on.',
            actions: {
              type: 'order',
              params: ({ event }) => ({
                kind: 'callEnded',
                callId: event.callId,
                leadId: event.leadId,
                outcome: event.outcome,
              }),
            },
          },
        ],
        'consumer.returned': {
          description: 'Her <Dial><Queue> ended: so has the talk.',
          actions: 'endTalk',
        },
        'consumer.disconnected': {
          description:
            'She hung up or lost the line in mid-talk; the disposition outlives the phone.',
          target: 'idle.wrappingUp',
          actions: ['forgetConsumer', 'oweDisposition', 'endTalk'],
        },
        'agent.hangUp': { actions: 'hangUpWinner' },
        'session.expired': {
          description: 'The page is gone for long, but they still talk.',
          actions: 'expireLater',
        },
      },
    },
    completed: {
      description: 'Signed out or expired.',
      tags: 'twiml.goodbye',
      initial: 'closing',
      on: { 'agent.signOut': {}, 'session.expired': {} },
      states: {
        closing: {
          description: 'Every leg is ended before the session is forgotten.',
          entry: [
            'cancelOthers',
            'hangUpWinner',
            {
              type: 'order',
              params: ({ context }) => ({ kind: 'endConsumer', sid: context.consumerSid }),
            },
          ],
          on: {
            'consumer.disconnected': { actions: 'forgetConsumer' },
          },
          always: {
            description: 'The last leg is gone.',
            guard: 'isQuiet',
            target: 'closed',
          },
          after: {
            closeWithin: {
              description: 'A leg whose end nobody tells must not keep the session for ever.',
              target: 'closed',
            },
          },
        },
        closed: {
          description: 'No leg is left; the session may be forgotten.',
          type: 'final',
          tags: 'closed',
          entry: { type: 'order', params: { kind: 'deleteQueue' } },
        },
      },
    },
  },
});

import { assign, setup } from 'xstate';

/**
 * The code gate of one phone leg that dialed in: prompt, three tries, then a polite end. Every refusal has
 * the same words, whatever its reason. It need not survive a restart: the caller is asked again.
 */
export const accessGateMachine = setup({
  types: {} as {
    context: { wrong: number; silent: number };
    events: { type: 'code.accepted' } | { type: 'code.refused' } | { type: 'code.missing' };
    tags: 'twiml.prompt' | 'twiml.dismiss' | 'twiml.dialQueue';
  },
  actions: {
    countWrong: assign({ wrong: ({ context }) => context.wrong + 1 }),
    countSilent: assign({ silent: ({ context }) => context.silent + 1 }),
  },
  guards: {
    isLastWrong: ({ context }) => context.wrong + 1 >= 3,
    isLastSilence: ({ context }) => context.silent + 1 >= 3,
  },
}).createMachine({
  id: 'accessGate',
  context: { wrong: 0, silent: 0 },
  initial: 'prompting',
  states: {
    prompting: {
      description: 'Waits for six digits.',
      tags: 'twiml.prompt',
      initial: 'greeting',
      on: {
        'code.accepted': 'accepted',
        'code.refused': [
          {
            description: 'The third wrong code ends the call.',
            guard: 'isLastWrong',
            target: 'dismissed.wrong',
          },
          {
            description: 'Asked again; a mistyped code and a dead one sound the same.',
            target: '.wrong',
            actions: 'countWrong',
          },
        ],
        'code.missing': [
          {
            description: 'The third silence ends the call: nobody is there.',
            guard: 'isLastSilence',
            target: 'dismissed.silence',
          },
          {
            description: 'Nothing was keyed: asked again.',
            target: '.silence',
            actions: 'countSilent',
          },
        ],
      },
      states: {
        greeting: { description: 'Has just dialed in: hears the first prompt.' },
        wrong: { description: 'Has just keyed a code that opens nothing.' },
        silence: { description: 'Has just keyed nothing.' },
      },
    },
    accepted: {
      description: 'From here the leg belongs to the agent’s session.',
      type: 'final',
      tags: 'twiml.dialQueue',
    },
    dismissed: {
      description: 'Goodbye; more digits on this leg change nothing.',
      tags: 'twiml.dismiss',
      initial: 'wrong',
      states: {
        wrong: { description: 'Three wrong codes.' },
        silence: { description: 'Three times nothing.' },
      },
    },
  },
});

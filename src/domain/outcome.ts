import type { TerminalStatus } from './call-status.ts';

/**
 * How one attempt ended. `talked`: bridged with the agent. `abandoned`: a person answered and no agent was
 * bridged (16 CFR 310.4(b)(1)(iv)). `canceled`: ended by us before an answer. `refused`: never placed.
 */
export type Outcome =
  | 'talked'
  | 'abandoned'
  | 'noAnswer'
  | 'busy'
  | 'failed'
  | 'canceled'
  | 'machine'
  | 'refused';

/** The outcome of a call that never reached the agent, by the status it ended with. `completed` means that it was answered. */
export const OUTCOME_OF_STATUS: Record<TerminalStatus, Outcome> = {
  completed: 'abandoned',
  busy: 'busy',
  'no-answer': 'noAnswer',
  failed: 'failed',
  canceled: 'canceled',
};

/** Who ended a talk: the agent by a click, her phone by being put down or lost, or the other side. */
export type EndedBy = 'agent' | 'phone' | 'lead';

/** What an agent may record about a talk. System outcomes set themselves. */
export const DISPOSITIONS = [
  'interested',
  'notInterested',
  'callBack',
  'wrongNumber',
  'machine',
  'doNotCall',
] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

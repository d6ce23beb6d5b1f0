/** How a call ended, in Twilio's words (twilio-docs voice/api/call-resource). */
export type TerminalStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';
/** How far a call has come. `initiated` exists in webhooks only; REST keeps saying `queued`. */
export type ProgressStatus = 'queued' | 'initiated' | 'ringing' | 'in-progress';
export type CallStatus = ProgressStatus | TerminalStatus;

const TERMINAL: readonly string[] = ['completed', 'busy', 'no-answer', 'failed', 'canceled'];
const PROGRESS: readonly string[] = ['queued', 'initiated', 'ringing', 'in-progress'];

export const isTerminal = (status: CallStatus): status is TerminalStatus =>
  TERMINAL.includes(status);

export const parseCallStatus = (text: unknown): CallStatus | null =>
  typeof text === 'string' && (TERMINAL.includes(text) || PROGRESS.includes(text))
    ? (text as CallStatus)
    : null;

/** Why a queue member left the queue (`QueueResult` of Enqueue's action; `DequeueResult` names of Dial's). Twilio may add more. */
export type QueueResult = string;

/** Ids are branded so that a lead's id never goes where a call's id is due. */
type Branded<Name extends string> = string & { readonly __brand: Name };

/** One attempt to reach one lead: 22 base64url characters (128 random bits), ours, minted before Twilio knows of the call. */
export type CallId = Branded<'CallId'>;
/** One agent session, sign-in to sign-out: 22 base64url characters. */
export type SessionId = Branded<'SessionId'>;
export type AgentId = Branded<'AgentId'>;
export type LeadId = Branded<'LeadId'>;
/** Twilio's id of one leg: `CA` and 32 lower-case hex digits. */
export type CallSid = Branded<'CallSid'>;
/** Twilio's id of a queue: `QU` and 32 lower-case hex digits. */
export type QueueSid = Branded<'QueueSid'>;

const OWN_ID = /^[A-Za-z0-9_-]{22}$/;
const CALL_SID = /^CA[0-9a-f]{32}$/;
const QUEUE_SID = /^QU[0-9a-f]{32}$/;

const parser =
  <Id extends string>(pattern: RegExp) =>
  (text: unknown): Id | null =>
    typeof text === 'string' && pattern.test(text) ? (text as Id) : null;

export const parseCallId = parser<CallId>(OWN_ID);
export const parseSessionId = parser<SessionId>(OWN_ID);
export const parseCallSid = parser<CallSid>(CALL_SID);
export const parseQueueSid = parser<QueueSid>(QUEUE_SID);

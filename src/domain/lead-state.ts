/**
 * Where a lead stands. Between `waiting` and `done` it is what its call's actor says; `reserved` where it has no call
 * yet, or none any more.
 */
export const LEAD_STATES = [
  'waiting',
  'reserved',
  'waitingForLine',
  'dialing',
  'ringing',
  'answered',
  'talking',
  'ending',
  'done',
] as const;
export type LeadState = (typeof LEAD_STATES)[number];

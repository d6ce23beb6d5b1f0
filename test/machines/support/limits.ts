import type { CallLimits } from '../../../machines/outbound-call.ts';

/** Deadlines of the calls under test, whose losers ring out. */
export const LIMITS: CallLimits = {
  createWithinMs: 20_000,
  ringAtLeastMs: 15_000,
  ringAtMostMs: 45_000,
  bridgeWithinMs: 1500,
  askAgainAfterMs: 15_000,
  lookUpWithinMs: 120_000,
};

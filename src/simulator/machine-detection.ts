import type { AnsweredBy, Leg } from './leg.ts';
import type { MachineDetectionOptions } from './placing.ts';
import { Interrupted } from './scope.ts';
import type { Fields } from './webhooks.ts';

/** Listens to who answered. Resolves with the verdict, or null when the call ended first. Never rejects. */
export async function detectMachine(
  leg: Leg,
  options: MachineDetectionOptions,
): Promise<AnsweredBy | null> {
  const { random, timings, faults, clock } = leg.exchange;
  const occasion = { numbers: [leg.from, leg.to] };
  const startedAt = clock.now();
  const listeningMs = random.within(timings.machineDetectionMs);
  const { verdict, afterMs } = judge(leg, options, listeningMs);
  const isTimedOut = afterMs >= options.timeoutMs;
  try {
    const lateMs = faults.delayMs('amd.late', occasion, 10_000);
    await leg.life.sleep(Math.min(afterMs, options.timeoutMs) + lateMs);
  } catch (error) {
    if (error instanceof Interrupted) return null;
    throw error;
  }
  leg.answeredBy = isTimedOut ? 'unknown' : verdict;
  if (options.isAsync && !faults.strikes('amd.never', occasion)) {
    const durationMs = clock.now() - startedAt;
    void tell(leg, options, durationMs);
    if (faults.strikes('amd.twice', occasion)) void tell(leg, options, durationMs);
  }
  return leg.answeredBy;
}

function judge(
  leg: Leg,
  options: MachineDetectionOptions,
  listeningMs: number,
): { verdict: AnsweredBy; afterMs: number } {
  const { nature, greetingMs = 8000, greetingEnd = 'beep' } = leg.party;
  if (nature === 'machine' && options.mode === 'DetectMessageEnd') {
    return { verdict: `machine_end_${greetingEnd}`, afterMs: greetingMs };
  }
  if (options.mode === 'IfMachine') {
    return { verdict: nature === 'machine' ? 'machine' : 'human', afterMs: listeningMs };
  }
  if (nature === 'machine') return { verdict: 'machine_start', afterMs: listeningMs };
  if (nature === 'fax') return { verdict: 'fax', afterMs: listeningMs };
  if (nature === 'silent') return { verdict: 'unknown', afterMs: options.timeoutMs };
  return { verdict: 'human', afterMs: listeningMs };
}

async function tell(leg: Leg, options: MachineDetectionOptions, durationMs: number): Promise<void> {
  const { webhooks, debuggerLog, accountSid } = leg.exchange;
  if (options.callbackUrl === null) {
    debuggerLog.write(21_262, 'AsyncAmd without AsyncAmdStatusCallback: nobody is told', {
      callSid: leg.sid,
    });
    return;
  }
  const fields: Fields = {
    CallSid: leg.sid,
    AccountSid: accountSid,
    AnsweredBy: leg.answeredBy ?? 'unknown',
    MachineDetectionDuration: String(durationMs),
  };
  await webhooks.send({
    kind: 'amd-status-callback',
    url: options.callbackUrl,
    method: options.callbackMethod,
    fields,
    callSid: leg.sid,
    cookies: leg.cookies,
    referer: null,
    numbers: [leg.from, leg.to],
  });
}

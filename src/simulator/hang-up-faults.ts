import type { Exchange } from './exchange.ts';
import type { FaultName } from './faults.ts';
import type { Leg, Moment } from './leg.ts';

const LEAD_FAULTS: Partial<Record<Moment, FaultName>> = {
  ringing: 'lead.hangup@ringing',
  answered: 'lead.hangup@answer',
  queued: 'lead.hangup@queued',
  whisper: 'lead.hangup@whisper',
  bridged: 'lead.hangup@bridged',
};

const AGENT_FAULTS: Partial<Record<Moment, FaultName>> = {
  prompted: 'agent.hangup@prompted',
  waiting: 'agent.hangup@waiting',
  whisper: 'agent.hangup@whisper',
  bridged: 'agent.hangup@bridged',
};

/** Faults F14 to F16: people who hang up at the worst moment, whoever they are. */
export function watchForHangUps(exchange: Exchange): void {
  exchange.moments.listen(({ leg, moment }) => {
    const faults = leg.direction === 'inbound' ? AGENT_FAULTS : LEAD_FAULTS;
    const fault = faults[moment];
    const rule = fault && exchange.faults.strikes(fault, { numbers: [leg.from, leg.to] });
    if (!rule) return;
    if (rule.value === undefined) hangUp(leg);
    else exchange.clock.setTimeout(() => hangUp(leg), Number(rule.value));
  });
}

function hangUp(leg: Leg): void {
  if (leg.isOver) return;
  if (leg.status === 'ringing') leg.decline('no-answer', '487', 'party');
  else leg.hangUp('party');
}

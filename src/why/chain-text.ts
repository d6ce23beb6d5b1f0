import type { SessionEvent } from '../domain/events.ts';
import type { Chain, Link } from './chain.ts';

const time = (at: number): string => new Date(at).toISOString();

/** The chain for people: one paragraph an entry, and where it stands at the end. */
export function chainText({ sessionId, closedAt, links, now }: Chain): string {
  const waits = [
    ...now.timers.map(({ dueAt }) => `a timer due ${time(dueAt)}`),
    ...now.waits.map((wait) => `(${wait})`),
  ];
  return [
    `session ${sessionId}${closedAt === null ? '' : `, closed ${time(closedAt)}`}`,
    ...links.flatMap(linkLines),
    `now     ${now.state.join(' | ')}`,
    `since   ${time(now.since)}${links.length > 0 ? `, by ${eventText(links.at(-1)!.event)}` : ''}`,
    ...(now.failed ? ['failed  an actor threw: its session is rebuilt or given up'] : []),
    ...(now.quiet === null ? [] : [`quiet   nobody is being dialed: ${now.quiet}`]),
    `waits   ${waits.length > 0 ? waits.join(', ') : 'for somebody: no timer is armed'}`,
  ].join('\n');
}

function linkLines(link: Link): string[] {
  const from = link.before.filter((state) => !link.after.includes(state));
  const to = link.after.filter((state) => !link.before.includes(state));
  return [
    `${time(link.at)}  #${link.seq}  ${eventText(link.event)}`,
    ...(from.length + to.length > 0 ? [`    ${from.join(' | ')} -> ${to.join(' | ')}`] : []),
    ...(link.refusedBy === null ? [] : [`    nothing changed: ${link.refusedBy}`]),
    ...link.orders.map(({ kind, ...rest }) => `    ordered ${kind} ${JSON.stringify(rest)}`),
    ...(link.twiml ? [`    answered ${JSON.stringify(link.twiml)}`] : []),
  ];
}

function eventText(event: SessionEvent | { type: 'timer'; timer: number }): string {
  const { type, ...rest } = event;
  return Object.keys(rest).length > 0 ? `${type} ${JSON.stringify(rest)}` : type;
}

import type { Arrow } from './chart.ts';
import { spokenTime } from './deadline.ts';
import type { Deed } from './deeds.ts';

/** What sets an arrow off: its event, its deadline, or nothing but being there. */
export function triggerOf({ event, deadline }: Arrow): string {
  if (deadline) return `after ${deadline.name} (${spokenTime(deadline.ms)})`;
  return event ?? 'at once';
}

/** `leg.answered [isMachine]` */
export const labelOf = (arrow: Arrow): string =>
  arrow.guard === null ? triggerOf(arrow) : `${triggerOf(arrow)} [${arrow.guard}]`;

/** What an action does, in one word or few; null for what only the chart itself remembers. */
export function deedText(deed: Deed): string | null {
  switch (deed.kind) {
    case 'order':
      return deed.detail === null ? `order ${deed.order}` : `order ${deed.order} (${deed.detail})`;
    case 'tell':
      return `tell ${deed.message}`;
    case 'settle':
      return `outcome ${deed.outcome}`;
    case 'remind':
      return `${deed.event} after ${deed.after} (${spokenTime(deed.ms)})`;
    case 'note':
      return null;
  }
}

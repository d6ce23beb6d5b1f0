import type { View } from '../protocol/messages.ts';
import type { DeskState } from './desk.ts';
import { TEXTS } from './texts.ts';

/** What the agent is in the middle of: decides which panel is in front. */
export type Stage =
  | 'noPhone'
  | 'ready'
  | 'paused'
  | 'dialing'
  | 'queued'
  | 'bridged'
  | 'wrappingUp';

export function stageOf(view: View): Stage {
  if (view.state === 'bridged' || view.state === 'queued' || view.state === 'dialing') {
    return view.state;
  }
  if (view.wrapUp !== null) return 'wrappingUp';
  if (!view.phoneConnected) return 'noPhone';
  return view.mode === 'paused' ? 'paused' : 'ready';
}

export const titleOf = (view: View): string =>
  view.quiet === 'listFinished'
    ? TEXTS.situation.title.finished
    : TEXTS.situation.title[stageOf(view)];

/** One sentence: what is going on, or why nothing is. */
export function sentenceOf(view: View): string {
  if (view.quiet !== null) return TEXTS.quiet[view.quiet];
  const name = view.talk?.lead.name ?? '';
  switch (view.state) {
    case 'dialing':
      return TEXTS.situation.dialing;
    case 'queued':
      return TEXTS.situation.queued(name);
    case 'bridged':
      return TEXTS.situation.bridged(name);
    case 'idle':
    case 'consumerConnected':
    case 'completed':
      return '';
  }
}

export type Action = 'callLeads' | 'pause' | 'hangUp' | 'fewerLines' | 'moreLines';

/** Why this action is not open right now, or null if it is. The server has the last word all the same. */
export function whyNot(action: Action, { link, view }: DeskState): string | null {
  if (link.kind !== 'open' || view === null) return TEXTS.unavailable.noConnection;
  if (view.quiet === 'journalUnwritable') return TEXTS.unavailable.journalUnwritable;
  switch (action) {
    case 'callLeads':
      return whyNoCalls(stageOf(view));
    case 'pause':
      return whyNoPause(stageOf(view));
    case 'hangUp':
      return ['dialing', 'queued', 'bridged'].includes(view.state)
        ? null
        : TEXTS.unavailable.nothingToHangUp;
    case 'fewerLines':
      return view.lines > 1 ? null : TEXTS.unavailable.linesAtLeast;
    case 'moreLines':
      return view.lines < 10 ? null : TEXTS.unavailable.linesAtMost;
  }
}

function whyNoCalls(stage: Stage): string | null {
  switch (stage) {
    case 'noPhone':
      return TEXTS.unavailable.phoneNotConnected;
    case 'ready':
    case 'paused':
      return null;
    case 'dialing':
      return TEXTS.unavailable.alreadyCalling;
    case 'queued':
    case 'bridged':
      return TEXTS.unavailable.talking;
    case 'wrappingUp':
      return TEXTS.unavailable.dispositionOwed;
  }
}

function whyNoPause(stage: Stage): string | null {
  switch (stage) {
    case 'ready':
    case 'dialing':
      return null;
    case 'paused':
      return TEXTS.unavailable.alreadyPaused;
    case 'queued':
    case 'bridged':
      return TEXTS.unavailable.talking;
    case 'noPhone':
    case 'wrappingUp':
      return TEXTS.unavailable.nobodyIsCalled;
  }
}

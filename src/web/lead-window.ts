import { useThrottledValue } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import type { LeadsPage, Params } from '../protocol/messages.ts';
import { useDesk, useDeskState } from './desk-context.ts';

export type StateFilter = Params<'leads.page'>['state'];

export interface LeadWindow extends LeadsPage {
  /** Position of the first of `rows` in the list that was asked for. */
  offset: number;
}

const WINDOW_ROWS = 200;
/** The window begins this far above what is seen, so that scrolling back shows rows at once. */
const ROWS_ABOVE = 75;
const STEP_ROWS = 50;
/** The server takes 20 messages a second from a page, and this list is not all that it may have to say. */
const ASKED_EVERY_MS = 90;

/** The part of the list around the row that is seen first; asked for again whenever the server says it is different. */
export function useLeadWindow(search: string, state: StateFilter, firstSeen: number) {
  const desk = useDesk();
  const { link } = useDeskState();
  const [shown, setShown] = useState<LeadWindow | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [version, setVersion] = useState(0);
  const wanted = Math.max(0, Math.floor(firstSeen / STEP_ROWS) * STEP_ROWS - ROWS_ABOVE);
  const offset = useThrottledValue(wanted, ASKED_EVERY_MS);
  const turns = useRef({ asked: 0, shown: 0, query: '' });
  useEffect(() => desk.on('leadsChanged', () => setVersion((before) => before + 1)), [desk]);
  useEffect(() => {
    if (link.kind !== 'open') return;
    const turn = ++turns.current.asked;
    const query = `${search}/${state}`;
    turns.current.query = query;
    const ask = async (): Promise<void> => {
      const answer = await desk.ask('leads.page', { search, state, offset, limit: WINDOW_ROWS });
      // While somebody scrolls on, a late answer is better than none; one of another search, or an older one, is not.
      if (turns.current.query !== query || turn < turns.current.shown) return;
      turns.current.shown = turn;
      setFailed(!answer.ok);
      if (answer.ok) setShown({ ...answer.result, offset });
    };
    void ask();
  }, [desk, link.kind, search, state, offset, version]);
  return { shown, hasFailed, again: () => setVersion((before) => before + 1) };
}

import type { Dialer } from '../dialer/dialer.ts';
import { leadStates } from '../dialer/floor-view.ts';
import type { AgentId, CallId } from '../domain/ids.ts';
import type { SessionView } from '../domain/session-view.ts';
import type { BookRow, LeadBook } from '../leads/lead-book.ts';
import type { CallDetails, LeadRow, LeadsPage, Params } from '../protocol/messages.ts';
import { conflict, type RpcFailure } from './json-rpc.ts';
import type { PageHub } from './page-hub.ts';

export interface ListOptions {
  dialer: Dialer;
  hub: PageHub;
  book: LeadBook;
}

export type Answer = { result: object } | { error: RpcFailure };

/** A window of the list; where a lead has a call, its state is what the call's actor says. */
export async function leadsPage(
  { dialer, book }: ListOptions,
  query: Params<'leads.page'>,
): Promise<{ result: LeadsPage }> {
  const { rows, total, counts } = await book.page(query);
  const live = leadStates(dialer.sessions);
  return { result: { rows: rows.map((row) => liveRow(row, live)), total, counts } };
}

function liveRow(row: BookRow, live: ReturnType<typeof leadStates>): LeadRow {
  // A lead that is done stays done while its leg is still on its way out.
  const state = row.state === 'reserved' ? (live.get(row.leadId) ?? row.state) : row.state;
  return { ...row, state };
}

export async function clearLeads({ book, hub }: ListOptions): Promise<Answer> {
  const removed = await book.clear();
  hub.leadsChanged();
  return { result: { removed } };
}

/** Everybody who is done is called again. */
export async function startOver({ book, hub, dialer }: ListOptions): Promise<Answer> {
  const waiting = await book.startOver();
  dialer.leadsAdded();
  hub.leadsChanged();
  return { result: { waiting } };
}

/** Notes and earlier attempts of a call of this session; a foreign call is nobody's business (threat T9). */
export async function callDetails(
  { book }: ListOptions,
  view: SessionView,
  callId: CallId,
): Promise<Answer> {
  const lead = leadOfCall(view, callId);
  if (!lead) return { error: conflict('unknownCall') };
  const [own, attempts] = await Promise.all([
    book.notesOf(callId),
    book.attempts(lead.phone, callId),
  ]);
  const result: CallDetails = { ...own, attempts };
  return { result };
}

export async function saveNotes(
  { book }: ListOptions,
  view: SessionView,
  { callId, notes }: Params<'agent.saveNotes'>,
): Promise<Answer> {
  const isHers = view.talk?.callId === callId || view.wrapUp?.callId === callId;
  if (!isHers) return { error: conflict('unknownCall') };
  await book.saveNotes(callId as CallId, notes);
  return { result: {} };
}

export async function figures(
  { book }: ListOptions,
  agentId: AgentId,
  since: number,
): Promise<Answer> {
  return { result: await book.figures(agentId, since) };
}

/** Whether an outcome of this call may be set anew: it was a talk of hers, and has one. */
export const isCorrectable = (view: SessionView, callId: string): boolean =>
  view.recent.some(
    (call) => call.callId === callId && call.outcome === 'talked' && call.disposition !== null,
  );

function leadOfCall({ talk, wrapUp, calls, recent }: SessionView, callId: CallId) {
  const known = [talk, wrapUp, ...calls, ...recent];
  return known.find((call) => call?.callId === callId)?.lead ?? null;
}

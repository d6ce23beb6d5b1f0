import type { AgentCommand } from '../domain/events.ts';
import type { CallId, SessionId } from '../domain/ids.ts';
import type { Disposition } from '../domain/outcome.ts';
import type { Judge } from './judge.ts';
import type { Acknowledged } from './robot-agent.ts';
import type { VirtualStore } from './virtual-store.ts';

/** D1 What the server has told an agent is done is durable; L4 and what she has disposed of is off her hands. */
export class Acknowledgements implements Acknowledged {
  /** The last word on each talk. */
  readonly dispositions = new Map<CallId, Disposition>();
  readonly #counts = new Map<string, number>();
  readonly #judge: Judge;
  readonly #store: VirtualStore;

  constructor(judge: Judge, store: VirtualStore) {
    this.#judge = judge;
    this.#store = store;
  }

  session(sessionId: SessionId): void {
    if (this.#store.knows(sessionId)) return;
    this.#judge.broken('D1', `the session ${sessionId} is not durable`, sessionId);
  }

  command(sessionId: SessionId, command: AgentCommand): void {
    const { type } = command;
    if (type === 'agent.dispose' || type === 'agent.correct')
      this.dispositions.set(command.callId, command.disposition);
    if (type === 'agent.dispose') this.#judge.disposed(sessionId, command.callId);
    const key = `${sessionId} ${type}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const kept = this.#store.durableCommands(sessionId, type);
    if (kept >= count) return;
    this.#judge.broken('D1', `${count} of ${type} were acknowledged, ${kept} kept`, sessionId);
  }
}

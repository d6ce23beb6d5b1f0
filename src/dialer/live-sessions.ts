import type { AgentId, CallId, SessionId } from '../domain/ids.ts';
import type { SessionHost } from './session-host.ts';

/** The sessions that are alive: by id, by agent, and by the calls they have had. */
export class LiveSessions {
  readonly #hosts = new Map<SessionId, SessionHost>();
  readonly #ofAgent = new Map<AgentId, SessionId>();
  readonly #ofCall = new Map<CallId, SessionId>();
  readonly #calls = new Map<SessionId, CallId[]>();

  get size(): number {
    return this.#hosts.size;
  }

  all(): Iterable<SessionHost> {
    return this.#hosts.values();
  }

  get(sessionId: SessionId): SessionHost | undefined {
    return this.#hosts.get(sessionId);
  }

  /** Not unknown, and not on its way out. */
  isLive(sessionId: SessionId): boolean {
    return this.#hosts.get(sessionId)?.snapshot.matches('completed') === false;
  }

  ofAgent(agentId: AgentId): SessionHost | undefined {
    const sessionId = this.#ofAgent.get(agentId);
    return sessionId && this.#hosts.get(sessionId);
  }

  ofCall(callId: CallId): SessionHost | undefined {
    const sessionId = this.#ofCall.get(callId);
    return sessionId && this.#hosts.get(sessionId);
  }

  /** Takes the place of an earlier host of the same session. */
  add(host: SessionHost): void {
    this.#hosts.set(host.sessionId, host);
    this.#ofAgent.set(host.opening.agentId, host.sessionId);
    this.addCalls(host.sessionId, host.snapshot.context.open);
  }

  addCalls(sessionId: SessionId, callIds: readonly CallId[]): void {
    const calls = this.#calls.get(sessionId) ?? [];
    this.#calls.set(sessionId, calls);
    for (const callId of callIds) {
      if (this.#ofCall.has(callId)) continue;
      this.#ofCall.set(callId, sessionId);
      calls.push(callId);
    }
  }

  /** False if another host has taken its place, or it is gone already. */
  remove(host: SessionHost): boolean {
    const { sessionId, opening } = host;
    if (this.#hosts.get(sessionId) !== host) return false;
    this.#hosts.delete(sessionId);
    if (this.#ofAgent.get(opening.agentId) === sessionId) this.#ofAgent.delete(opening.agentId);
    for (const callId of this.#calls.get(sessionId) ?? []) this.#ofCall.delete(callId);
    this.#calls.delete(sessionId);
    return true;
  }
}

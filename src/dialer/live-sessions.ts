import type { AgentId, CallId, CallSid, SessionId } from '../domain/ids.ts';
import type { SessionHost } from './session-host.ts';
import { stateOf } from './view.ts';

/** The sessions that are alive: by id, by agent, and by the calls and the phones they have had. */
export class LiveSessions {
  readonly #hosts = new Map<SessionId, SessionHost>();
  readonly #ofAgent = new Map<AgentId, SessionId>();
  readonly #calls = new Owners<CallId>();
  readonly #phones = new Owners<CallSid>();

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
    const host = this.#hosts.get(sessionId);
    return host !== undefined && stateOf(host) !== 'completed';
  }

  ofAgent(agentId: AgentId): SessionHost | undefined {
    const sessionId = this.#ofAgent.get(agentId);
    return sessionId && this.#hosts.get(sessionId);
  }

  ofCall(callId: CallId): SessionHost | undefined {
    const sessionId = this.#calls.ownerOf(callId);
    return sessionId && this.#hosts.get(sessionId);
  }

  /** The session to which this leg of an agent's was connected. */
  ofPhone(sid: CallSid): SessionHost | undefined {
    const sessionId = this.#phones.ownerOf(sid);
    return sessionId && this.#hosts.get(sessionId);
  }

  /** Takes the place of an earlier host of the same session. */
  add(host: SessionHost): void {
    const { consumerSid, open } = host.snapshot.context;
    this.#hosts.set(host.sessionId, host);
    this.#ofAgent.set(host.opening.agentId, host.sessionId);
    this.addCalls(host.sessionId, open);
    if (consumerSid !== null) this.addPhone(host.sessionId, consumerSid);
  }

  addCalls(sessionId: SessionId, callIds: readonly CallId[]): void {
    for (const callId of callIds) this.#calls.add(sessionId, callId);
  }

  addPhone(sessionId: SessionId, sid: CallSid): void {
    this.#phones.add(sessionId, sid);
  }

  /** False if another host has taken its place, or it is gone already. */
  remove(host: SessionHost): boolean {
    const { sessionId, opening } = host;
    if (this.#hosts.get(sessionId) !== host) return false;
    this.#hosts.delete(sessionId);
    if (this.#ofAgent.get(opening.agentId) === sessionId) this.#ofAgent.delete(opening.agentId);
    this.#calls.forget(sessionId);
    this.#phones.forget(sessionId);
    return true;
  }
}

/** Whose something is, until its owner is forgotten; the first owner stays. */
class Owners<Id> {
  readonly #ownerOf = new Map<Id, SessionId>();
  readonly #of = new Map<SessionId, Id[]>();

  ownerOf(id: Id): SessionId | undefined {
    return this.#ownerOf.get(id);
  }

  add(owner: SessionId, id: Id): void {
    if (this.#ownerOf.has(id)) return;
    this.#ownerOf.set(id, owner);
    const owned = this.#of.get(owner);
    if (owned) owned.push(id);
    else this.#of.set(owner, [id]);
  }

  forget(owner: SessionId): void {
    for (const id of this.#of.get(owner) ?? []) this.#ownerOf.delete(id);
    this.#of.delete(owner);
  }
}

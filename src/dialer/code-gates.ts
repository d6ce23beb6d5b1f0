import { createActor, type Actor } from 'xstate';
import { accessGateMachine } from '../../machines/access-gate.ts';
import type { CallSid } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';

interface Gate {
  actor: Actor<typeof accessGateMachine>;
  /** Replies by step: a step that is asked again gets the same words. */
  replies: Map<number, TwimlPlan>;
  openedAt: number;
}

/** Longest time a gate is kept for repeats of its requests, in milliseconds. Three silent prompts take less than a minute. */
const GATE_LIFE_MS = 10 * 60_000;

/** One code gate per phone leg that dialed in. In memory: after a restart the caller is asked again. */
export class CodeGates {
  readonly #gates = new Map<CallSid, Gate>();
  /** Tries a code; when it is right, connects the leg and says what it hears next. */
  readonly #connect: (sid: CallSid, digits: string, step: number) => TwimlPlan | null;

  constructor(connect: (sid: CallSid, digits: string, step: number) => TwimlPlan | null) {
    this.#connect = connect;
  }

  /** The leg's first request; asked again, it gets the same prompt. */
  greet(sid: CallSid, at: number): TwimlPlan {
    return this.#gate(sid, at).replies.get(0) ?? this.#prompt(sid, 'greeting', 0);
  }

  keyed(sid: CallSid, step: number, digits: string, at: number): TwimlPlan {
    const known = this.#gates.has(sid);
    const gate = this.#gate(sid, at);
    const earlier = gate.replies.get(step);
    if (earlier) return earlier;
    const plan = known ? this.#try(gate, sid, step, digits) : this.#prompt(sid, 'greeting', step);
    gate.replies.set(step, plan);
    return plan;
  }

  /** The leg has left; its gate is not asked again. */
  forget(sid: CallSid): void {
    this.#gates.delete(sid);
  }

  #try(gate: Gate, sid: CallSid, step: number, digits: string): TwimlPlan {
    if (gate.actor.getSnapshot().hasTag('twiml.dismiss')) return { plan: 'hangUp' };
    const connected = digits === '' ? null : this.#connect(sid, digits, step);
    if (connected) {
      gate.actor.send({ type: 'code.accepted' });
      return connected;
    }
    gate.actor.send({ type: digits === '' ? 'code.missing' : 'code.refused' });
    const snapshot = gate.actor.getSnapshot();
    const after = snapshot.matches({ prompting: 'silence' }) ? 'silence' : 'wrong';
    if (!snapshot.hasTag('twiml.dismiss')) return this.#prompt(sid, after, step);
    return {
      plan: 'dismiss',
      after: snapshot.matches({ dismissed: 'silence' }) ? 'silence' : 'wrong',
    };
  }

  #prompt(sid: CallSid, after: 'greeting' | 'wrong' | 'silence', step: number): TwimlPlan {
    return { plan: 'promptCode', sid, step: step + 1, after };
  }

  #gate(sid: CallSid, at: number): Gate {
    const existing = this.#gates.get(sid);
    if (existing) return existing;
    this.#forgetOld(at);
    const gate: Gate = {
      actor: createActor(accessGateMachine).start(),
      replies: new Map(),
      openedAt: at,
    };
    this.#gates.set(sid, gate);
    return gate;
  }

  #forgetOld(at: number): void {
    // Insertion order is age: stop at the first that is young.
    for (const [sid, gate] of this.#gates) {
      if (at - gate.openedAt < GATE_LIFE_MS) return;
      this.#gates.delete(sid);
    }
  }
}

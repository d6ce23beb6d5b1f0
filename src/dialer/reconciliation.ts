import type { CallSid } from '../domain/ids.ts';
import type { Durability } from './durability.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { DialerPorts } from './ports.ts';
import type { KeyedOrder, SessionHost } from './session-host.ts';

/** How often the legs of talks and of waiting agents are asked about; a lost callback costs at most twice that. */
const RECONCILE_EVERY_MS = 30_000;

/** Compares what the sessions believe with what Twilio knows: callbacks are a hint, its record is the truth. */
export class Reconciliation {
  readonly #ports: DialerPorts;
  readonly #sessions: LiveSessions;
  readonly #durability: Durability;
  readonly #carryOut: (host: SessionHost, order: KeyedOrder) => void;
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(
    ports: DialerPorts,
    sessions: LiveSessions,
    durability: Durability,
    carryOut: (host: SessionHost, order: KeyedOrder) => void,
  ) {
    this.#ports = ports;
    this.#sessions = sessions;
    this.#durability = durability;
    this.#carryOut = carryOut;
  }

  /** A callback that never came must not hold an agent for long: her phone and her talk are asked about in turn. */
  goOn(): void {
    if (this.#cancel || this.#stopped) return;
    const { clock } = this.#ports;
    this.#cancel = clock.wakeAt(clock.now() + RECONCILE_EVERY_MS, () => {
      this.#cancel = null;
      if (this.#durability.failure === null) this.askNow(); // Answers are entries too.
      if (this.#sessions.size > 0) this.goOn();
    });
  }

  /** Asks about every leg that talks or waits. */
  askNow(): void {
    for (const host of this.#sessions.all()) this.#ask(host, false);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Asks what became of every leg that this session believes to be alive: nobody has listened for a while. */
  askAll(host: SessionHost): void {
    this.#ask(host, true);
  }

  #ask(host: SessionHost, isAll: boolean): void {
    const { open, consumerSid } = host.snapshot.context;
    if (isAll) this.#carryOut(host, { key: 'start', order: { kind: 'ensureQueue' } });
    if (consumerSid !== null) {
      this.#carryOut(host, {
        key: 'reconcile',
        order: { kind: 'inspectConsumer', sid: consumerSid },
      });
    }
    for (const callId of open) {
      const call = host.call(callId);
      const sid = call?.context.sid ?? null;
      if (sid === null || !(isAll || call?.matches('bridged'))) continue;
      this.#carryOut(host, { key: 'reconcile', order: { kind: 'inspectCall', callId, sid } });
    }
  }

  /** Calls that we placed and that no session owns: there is nobody to talk to them. */
  async endOrphans(): Promise<void> {
    const live = await this.#ports.telephony.liveCalls();
    const owned = new Set<CallSid>();
    for (const host of this.#sessions.all()) {
      for (const callId of host.snapshot.context.open) {
        const call = host.call(callId);
        if (call?.context.sid) owned.add(call.context.sid);
        else if (call) return; // A call without a SID may be one of these: its look-up comes first.
      }
    }
    for (const callSid of live ?? []) {
      if (owned.has(callSid)) continue;
      this.#ports.report('leg.orphaned', { callSid });
      await this.#ports.telephony.endCall(callSid, 'complete');
    }
  }
}

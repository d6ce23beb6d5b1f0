import { rfc2822 } from './dates.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import type { Fields, HttpMethod } from './webhooks.ts';

export type RecordingSource =
  | 'OutboundAPI'
  | 'StartCallRecordingAPI'
  | 'DialVerb'
  | 'RecordVerb'
  | 'Conference';
export type RecordingStatus = 'in-progress' | 'completed' | 'absent' | 'failed';

export interface RecordingOptions {
  readonly source: RecordingSource;
  readonly channels: 1 | 2;
  readonly track: string;
  readonly callbackUrl: string | null;
  readonly callbackMethod: HttpMethod;
  readonly callbackEvents: ReadonlySet<string>;
  /** Conference recordings name their room. */
  readonly conferenceSid?: string;
}

/** A recording of a call. No sound is kept: what is true about it is that it happened, and how long it was. */
export class Recording {
  readonly sid: string;
  readonly leg: Leg;
  readonly startedAt: number;
  readonly options: RecordingOptions;
  status: RecordingStatus = 'in-progress';
  durationSeconds = 0;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange, leg: Leg, options: RecordingOptions) {
    this.#exchange = exchange;
    this.sid = exchange.sid('RE');
    this.leg = leg;
    this.options = options;
    this.startedAt = exchange.clock.now();
    this.#tell('in-progress');
  }

  get url(): string {
    const { baseUrl, apiVersion, accountSid } = this.#exchange;
    return `${baseUrl}/${apiVersion}/Accounts/${accountSid}/Recordings/${this.sid}`;
  }

  /** What other requests of the call say about it. */
  get fields(): Fields {
    return {
      RecordingUrl: this.url,
      RecordingSid: this.sid,
      RecordingDuration: String(this.durationSeconds),
    };
  }

  /** `silenceMs` at the end does not count when it is trimmed. */
  stop(silenceMs = 0): void {
    if (this.status !== 'in-progress') return;
    const elapsedMs = this.#exchange.clock.now() - this.startedAt - silenceMs;
    this.durationSeconds = Math.max(0, Math.round(elapsedMs / 1000));
    this.status = elapsedMs > 0 ? 'completed' : 'absent';
    this.#tell(this.status);
  }

  #tell(status: RecordingStatus): void {
    const { callbackUrl, callbackMethod, callbackEvents, conferenceSid } = this.options;
    if (callbackUrl === null || !callbackEvents.has(status)) return;
    const { leg } = this;
    void this.#exchange.webhooks.send({
      kind: 'recording-status-callback',
      url: callbackUrl,
      method: callbackMethod,
      fields: {
        AccountSid: this.#exchange.accountSid,
        // A room's recording is nobody's call.
        ...(conferenceSid === undefined ? { CallSid: leg.sid } : { ConferenceSid: conferenceSid }),
        RecordingSid: this.sid,
        RecordingUrl: this.url,
        RecordingStatus: status,
        RecordingDuration: String(this.durationSeconds),
        RecordingChannels: String(this.options.channels),
        RecordingStartTime: rfc2822(this.startedAt),
        RecordingSource: this.options.source,
        ...(conferenceSid === undefined && { RecordingTrack: this.options.track }),
        ErrorCode: '0',
      },
      callSid: leg.sid,
      cookies: leg.cookies,
      referer: null,
      numbers: [leg.from, leg.to],
    });
  }
}

export class Recordings {
  readonly #exchange: Exchange;
  readonly #bySid = new Map<string, Recording>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The recording of a live call that has not been stopped; the last one started. */
  current(leg: Leg): Recording | undefined {
    return this.all().findLast(
      (recording) => recording.leg === leg && recording.status === 'in-progress',
    );
  }

  start(leg: Leg, options: RecordingOptions): Recording {
    const recording = new Recording(this.#exchange, leg, options);
    this.#bySid.set(recording.sid, recording);
    return recording;
  }

  /** Records a REST call from its answer to its end; the last status callback then tells about it. */
  recordCall(leg: Leg, options: RecordingOptions): void {
    leg.answered.listen(() => {
      const recording = this.start(leg, options);
      leg.beforeEnd.listen(() => {
        recording.stop();
        leg.recordingFields = recording.fields;
      });
    });
  }

  get(sid: string): Recording | undefined {
    return this.#bySid.get(sid);
  }

  delete(sid: string): void {
    this.#bySid.delete(sid);
  }

  all(): Recording[] {
    return [...this.#bySid.values()];
  }
}

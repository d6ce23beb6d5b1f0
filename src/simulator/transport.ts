/** One HTTP request of the network's to the application: what a webhook is on the wire. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST';
  /** Without fragment; for a GET the fields are in the query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The form fields of a POST, in wire order; `body()` is the same, encoded. */
  readonly fields: readonly (readonly [string, string])[];
  body(): string;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** How an attempt failed before there was a response. */
export type TransportFailure =
  | 'refused'
  | 'connectTimeout'
  | 'readTimeout'
  | 'reset'
  | 'dns'
  | 'tls'
  | 'protocol';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** Performs one attempt; rejects with a TransportError when no response came. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

export interface InProcessReply {
  status: number;
  headers?: Record<string, string | readonly string[]>;
  body?: string;
}

/** Calls a function instead of a server: for tests on the virtual clock. */
export function inProcessTransport(
  handler: (request: TransportRequest) => InProcessReply | Promise<InProcessReply>,
): Transport {
  return async (request) => {
    const reply = await handler(request);
    return { status: reply.status, headers: reply.headers ?? {}, body: reply.body ?? '' };
  };
}

import { ERROR_CODES, REQUESTS, type Method } from '../protocol/messages.ts';
import { compiledLater } from './validation.ts';

export type RpcId = string | number | null;
export interface RpcRequest {
  id: RpcId;
  method: Method;
  params: unknown;
}
export interface RpcFailure {
  code: number;
  message: string;
  data?: { reason: string };
}
export type ParsedMessage = { request: RpcRequest } | { failure: RpcFailure; id: RpcId };

const validators = new Map(
  Object.entries(REQUESTS).map(([method, schema]) => [method, compiledLater(schema)]),
);
const isMethod = (method: unknown): method is Method =>
  typeof method === 'string' && validators.has(method);

/** One message of the page, checked against the protocol; what is wrong with it in JSON-RPC's own words. */
export function parseMessage(text: string): ParsedMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { id: null, failure: { code: -32_700, message: 'not JSON' } };
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return { id: null, failure: { code: -32_600, message: 'expected one request object' } };
  }
  const { jsonrpc, id, method, params } = message as Record<string, unknown>;
  const known: RpcId = typeof id === 'string' || typeof id === 'number' ? id : null;
  if (jsonrpc !== '2.0' || known === null) {
    return { id: known, failure: { code: -32_600, message: 'expected jsonrpc "2.0" and an id' } };
  }
  if (!isMethod(method))
    return { id: known, failure: { code: -32_601, message: 'unknown method' } };
  const given = params ?? {};
  const [error] = validators.get(method)?.().Errors(given) ?? [];
  if (error) {
    const complaint = `${error.instancePath || 'params'}: ${error.message}`;
    return { id: known, failure: { code: -32_602, message: complaint } };
  }
  return { request: { id: known, method, params: given } };
}

export const failures = {
  notSignedIn: { code: ERROR_CODES.notSignedIn, message: 'sign in first' },
  sessionOver: { code: ERROR_CODES.notSignedIn, message: 'the session is over' },
  wrongPassphrase: { code: ERROR_CODES.wrongPassphrase, message: 'wrong passphrase' },
  noHandset: { code: ERROR_CODES.unavailable, message: 'no simulated network runs here' },
  /** Nothing was begun. */
  journalUnwritable: {
    code: ERROR_CODES.unavailable,
    message: 'the server cannot write to its disk: nothing was changed',
    data: { reason: 'journalUnwritable' },
  },
  /** Begun, but not safe. */
  notWrittenYet: {
    code: ERROR_CODES.unavailable,
    message:
      'the server cannot write to its disk: it is done as soon as that works, and lost if the server stops before',
    data: { reason: 'notWrittenYet' },
  },
  internal: { code: -32_603, message: 'internal error' },
} satisfies Record<string, RpcFailure>;

export const conflict = (reason: string): RpcFailure => ({
  code: ERROR_CODES.conflict,
  message: 'does not fit the state',
  data: { reason },
});

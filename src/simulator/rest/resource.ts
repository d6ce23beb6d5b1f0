import type { Exchange } from '../exchange.ts';
import { readParameters, type Parameters, type ParameterTable } from './parameters.ts';

export interface RestRequest {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  /** The value of the Authorization header. */
  readonly authorization: string | null;
  /** The form body; empty for GET and DELETE. */
  readonly body: string;
}

export interface RestResponse {
  readonly status: number;
  /** To be written as JSON; null for no body. */
  readonly body: unknown;
}

/** What a handler gets to see. */
export interface RestCall {
  readonly exchange: Exchange;
  readonly isStrict: boolean;
  readonly isTest: boolean;
  /** What the path's pattern captured. */
  readonly path: readonly string[];
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/2010-04-01/Accounts/{sid}`, without `.json`. */
  readonly path: RegExp;
  readonly handle: (call: RestCall) => RestResponse;
}

export const ok = (body: unknown): RestResponse => ({ status: 200, body });
export const created = (body: unknown): RestResponse => ({ status: 201, body });
export const gone: RestResponse = { status: 204, body: null };

export function readForm(call: RestCall, table: ParameterTable): Parameters {
  return readParameters(call.form, table, call.isStrict);
}

export function readQuery(call: RestCall, table: ParameterTable): Parameters {
  return readParameters(call.query, table, call.isStrict);
}

/** Uri of a resource of the account, as it stands in JSON: a path with `.json`. */
export function accountUri(exchange: Exchange, path: string): string {
  return `/${exchange.apiVersion}/Accounts/${exchange.accountSid}/${path}`;
}

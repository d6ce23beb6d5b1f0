import { timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../exchange.ts';
import { callRoutes } from './calls.ts';
import { conferenceRoutes } from './conferences.ts';
import { numberRoutes } from './incoming-phone-numbers.ts';
import { memberRoutes } from './members.ts';
import { participantRoutes } from './participants.ts';
import { queueRoutes } from './queues.ts';
import { recordingRoutes } from './recordings.ts';
import { RestError } from './rest-error.ts';
import type { RestRequest, RestResponse, Route } from './resource.ts';

const ROUTES: readonly Route[] = [
  ...callRoutes,
  ...queueRoutes,
  ...memberRoutes,
  ...numberRoutes,
  ...conferenceRoutes,
  ...participantRoutes,
  ...recordingRoutes,
];

const RESOURCE = /^\/2010-04-01\/Accounts\/([^/]+)\/(.+?)(?:\.json)?$/;

export interface RestOptions {
  readonly isStrict: boolean;
  /** Test credentials: magic numbers answer, nothing is placed. */
  readonly testAccount: { readonly accountSid: string; readonly authToken: string } | null;
}

/** Twilio's REST API below `/2010-04-01/Accounts/{AccountSid}`: a function from request to response. */
export function handleRest(
  exchange: Exchange,
  options: RestOptions,
  request: RestRequest,
): RestResponse {
  try {
    return route(exchange, options, request);
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return { status: error.status, body: error.toJSON() };
  }
}

function route(exchange: Exchange, options: RestOptions, request: RestRequest): RestResponse {
  const { pathname, searchParams } = new URL(request.target, 'http://api');
  const isTest = authenticate(exchange, options, request.authorization);
  const match = RESOURCE.exec(pathname);
  const account = isTest ? options.testAccount?.accountSid : exchange.accountSid;
  if (!match || match[1] !== account) throw notFound(pathname);
  const path = match[2]!;
  const candidates = ROUTES.filter((candidate) => candidate.path.test(path));
  const found = candidates.find((candidate) => candidate.method === request.method);
  if (candidates.length === 0) throw notFound(pathname);
  if (!found) throw new RestError(20_004, `${request.method} is not allowed on ${pathname}`);
  if (isTest && (request.method !== 'POST' || path !== 'Calls')) throw new RestError(20_008);
  return found.handle({
    exchange,
    isStrict: options.isStrict,
    isTest,
    path: found.path.exec(path)!.slice(1),
    pathname,
    query: searchParams,
    form: new URLSearchParams(request.body),
  });
}

export function notFound(pathname: string): RestError {
  return new RestError(20_404, `The requested resource ${pathname} was not found`);
}

/** Account token or API key; whether they are the test credentials. 20003 otherwise. */
function authenticate(
  exchange: Exchange,
  options: RestOptions,
  authorization: string | null,
): boolean {
  const match = /^Basic (.+)$/i.exec(authorization ?? '');
  if (!match) throw new RestError(20_003, 'Authentication Error - No credentials provided');
  const [user = '', ...rest] = Buffer.from(match[1]!, 'base64').toString('utf8').split(':');
  const password = rest.join(':');
  const { testAccount } = options;
  if (testAccount && user === testAccount.accountSid && isEqual(password, testAccount.authToken))
    return true;
  const key = exchange.apiKeys.find((candidate) => candidate.sid === user);
  const expected = user === exchange.accountSid ? exchange.authToken : key?.secret;
  if (expected === undefined || !isEqual(password, expected)) {
    throw new RestError(20_003, 'Authentication Error - invalid username');
  }
  return false;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

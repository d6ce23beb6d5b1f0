import type { WebhookKind } from '../domain/webhook.ts';
import { WEBHOOK_ROOT } from '../twilio/paths.ts';

/** Our paths by kind, and the names of their parts; docs/webhooks.md is the table in words. */
const ROUTES: readonly (readonly [kind: WebhookKind, pattern: RegExp, names: readonly string[]])[] =
  [
    ['codeKeyed', /^\/consume\/([^/]+)\/(\d+)$/, ['leg', 'step']],
    ['consume', /^\/consume$/, []],
    ['stopConsuming', /^\/stop-consuming\/([^/]+)\/(\d+)$/, ['session', 'step']],
    ['bridging', /^\/bridging\/([^/]+)\/(\d+)$/, ['session', 'step']],
    ['enqueue', /^\/enqueue\/([^/]+)\/(\d+)$/, ['call', 'step']],
    ['waiting', /^\/waiting\/([^/]+)\/(\d+)$/, ['call', 'step']],
    ['onDequeue', /^\/on-dequeue\/([^/]+)\/(\d+)$/, ['call', 'step']],
    ['callStatus', /^\/call-status-event\/([^/]+)$/, ['call']],
    ['fallback', /^\/fallback\/([^/]+)$/, ['leg']],
  ];

export interface OwnRoute {
  kind: WebhookKind;
  params: Readonly<Record<string, string>>;
}

/** Which request came to a path of ours; null for a path that is none. A prefix that a proxy added is ignored. */
export function readOwnPath(path: string): OwnRoute | null {
  const start = path.indexOf(`${WEBHOOK_ROOT}/`);
  if (start < 0) return null;
  const rest = path.slice(start + WEBHOOK_ROOT.length);
  for (const [kind, pattern, names] of ROUTES) {
    const match = pattern.exec(rest);
    if (!match) continue;
    const params = Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']));
    return { kind, params };
  }
  return null;
}

/** Whether a path carries ids, as ours do and those of 2019 did not. */
export const hasOwnIds = (path: string): boolean =>
  Object.keys(readOwnPath(path)?.params ?? {}).length > 0;

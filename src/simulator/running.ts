import type { DocumentRequest, TwimlDocument } from './document.ts';
import type { Instructions, Interruption, Leg } from './leg.ts';
import { Interrupted, type Scope } from './scope.ts';
import type { TwimlElement } from './twiml.ts';
import type { Fields, HttpMethod, WebhookKind } from './webhooks.ts';

/**
 * What a document is for: it may be the call itself, what a member hears while it waits, what a person is told before a
 * bridge, or what a conference plays. The last three run beside the call's own document and may do less.
 */
export type Role = 'call' | 'wait' | 'whisper' | 'conference-wait';

export interface Running {
  readonly leg: Leg;
  readonly scope: Scope<Interruption>;
  readonly document: TwimlDocument;
  readonly role: Role;
  /** Digits pressed in a wait document, for Enqueue's action. */
  readonly onDigits?: (digits: string) => void;
}

/** What comes after a verb: the next one, another document, or nothing. */
export type Step =
  | { readonly kind: 'next' }
  | { readonly kind: 'goto'; readonly request: DocumentRequest }
  | { readonly kind: 'leave' }
  /** A verb said hang up. */
  | { readonly kind: 'end' }
  /** The last verb has run. */
  | { readonly kind: 'done' };

export const NEXT: Step = { kind: 'next' };
export const END: Step = { kind: 'end' };
export const DONE: Step = { kind: 'done' };

export type Verb = (running: Running, element: TwimlElement) => Step | Promise<Step>;

/** What verbs need of the interpreter that runs them. */
export interface Interpreter {
  /** Starts, or replaces, the document of a call. */
  runCall(leg: Leg, start: Instructions, kind: WebhookKind, fields?: Fields): void;
  runVerbs(running: Running): Promise<Step>;
}

/** A document that cannot go on: the call's fallback takes over, else the caller hears the stock message. */
export class DocumentFailure extends Error {
  override readonly name = 'DocumentFailure';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Ends a document that runs beside a call: an interruption is ordinary, a failing document is logged and does no more harm,
 * anything else is a defect.
 */
export function settleBeside(leg: Leg, error: unknown): void {
  if (error instanceof Interrupted) return;
  if (error instanceof DocumentFailure)
    leg.exchange.debuggerLog.write(error.code, error.message, { callSid: leg.sid });
  else leg.exchange.onBug(error);
}

/** An inbound call is answered only when something needs its audio. */
export function pickUp(leg: Leg): void {
  if (leg.direction === 'inbound' && !leg.isAnswered) leg.answer();
}

/** A URL as written in a document, made absolute; 11100 when there is nothing to resolve it against. */
export function resolveUrl(running: Running, reference: string): string {
  const base = running.document.url;
  if (URL.canParse(reference)) return reference;
  if (base === null || !URL.canParse(reference, base)) {
    throw new DocumentFailure(
      11_100,
      `not a URL, and nothing it could be relative to: ${reference}`,
    );
  }
  return new URL(reference, base).href;
}

/** `method` of a verb, POST unless said otherwise. */
export function methodOf(
  element: TwimlElement,
  attribute = 'method',
  fallback: HttpMethod = 'POST',
): HttpMethod {
  const value = element.attributes[attribute];
  return value === undefined ? fallback : toMethod(value);
}

export function toMethod(value: string): HttpMethod {
  return value.toUpperCase() === 'GET' ? 'GET' : 'POST';
}

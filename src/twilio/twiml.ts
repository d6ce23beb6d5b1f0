import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { paths, queueName } from './paths.ts';

/** What callers are told about the company; from configuration. */
export interface Company {
  name: string;
  /** Number to call back, E.164. */
  phone: string;
}

export interface TwimlSettings {
  /** `https://host[:port]`, no slash at the end; as Twilio was given it. */
  publicBaseUrl: string;
  company: Company;
  /** Longest talk, in seconds; Twilio's own limit is 14,400 (twilio-docs voice/twiml/dial). */
  talkLimitSeconds: number;
}

/** Twilio lets a `<Dial>` wait 600 s at most (twilio-docs voice/twiml/dial); then it is dialed again. */
const CONSUMER_WAIT_SECONDS = 600;
/** Time to find the keypad; Twilio's default is 5 s. */
const CODE_TIMEOUT_SECONDS = 10;
const CODE_DIGITS = 6;

const POST = { method: 'POST' } as const;

/** Digits with pauses between them, so that the voice says a number and not a quantity. */
const spoken = (e164: string): string => e164.replaceAll(/\D/g, '').split('').join(' ');

/** Writes a plan as TwiML. Null for the one plan that is no document: the reply to a pure callback. */
export function writeTwiml(plan: TwimlPlan, settings: TwimlSettings): string | null {
  if (plan.plan === 'noContent') return null;
  const response = new VoiceResponse();
  write(response, plan, settings);
  return response.toString();
}

function write(
  response: VoiceResponse,
  plan: Exclude<TwimlPlan, { plan: 'noContent' }>,
  settings: TwimlSettings,
): void {
  switch (plan.plan) {
    case 'promptCode':
      return writePrompt(response, plan, settings);
    case 'dialQueue':
      return writeDialQueue(response, plan, settings);
    case 'enqueue':
      return writeEnqueue(response, plan, settings);
    case 'hold':
      return writeHold(response, plan, settings);
    case 'leave':
      return void response.leave();
    case 'dismiss':
      if (plan.after === 'wrong') response.say('That code did not work.');
      else response.say('No code heard.');
      return sayAndEnd(response, 'Goodbye.');
    case 'goodbye':
      return sayAndEnd(response, 'Your web session has ended. Goodbye.');
    case 'notice':
      return writeNotice(response, settings.company);
    case 'lostLine':
      return sayAndEnd(response, 'Sorry, we lost the line. Goodbye.');
    case 'unavailable':
      return sayAndEnd(response, 'Sorry, this call cannot be completed. Goodbye.');
    case 'hangUp':
      return void response.hangup();
    case 'proceed':
      return;
  }
}

function sayAndEnd(response: VoiceResponse, sentence: string): void {
  response.say(sentence);
  response.hangup();
}

function writePrompt(
  response: VoiceResponse,
  plan: Extract<TwimlPlan, { plan: 'promptCode' }>,
  { publicBaseUrl }: TwimlSettings,
): void {
  if (plan.after === 'wrong') response.say('That code did not work.');
  if (plan.after === 'silence') response.say('No code heard.');
  const action = publicBaseUrl + paths.codeKeyed(plan.sid, plan.step);
  const gather = response.gather({
    ...POST,
    action,
    numDigits: CODE_DIGITS,
    timeout: CODE_TIMEOUT_SECONDS,
    actionOnEmptyResult: true,
  });
  gather.say('Enter your access code.');
  // A Gather that ends without asking its action would fall off the document and hang up on the agent.
  response.redirect(POST, action);
}

function writeDialQueue(
  response: VoiceResponse,
  plan: Extract<TwimlPlan, { plan: 'dialQueue' }>,
  { publicBaseUrl, talkLimitSeconds }: TwimlSettings,
): void {
  if (plan.greet) response.say('Connected.');
  if (plan.pauseSeconds > 0) response.pause({ length: plan.pauseSeconds });
  const dial = response.dial({
    ...POST,
    action: publicBaseUrl + paths.stopConsuming(plan.sessionId, plan.step),
    timeout: CONSUMER_WAIT_SECONDS,
    timeLimit: talkLimitSeconds,
  });
  dial.queue(
    { ...POST, url: publicBaseUrl + paths.bridging(plan.sessionId, plan.step) },
    queueName(plan.sessionId),
  );
}

function writeEnqueue(
  response: VoiceResponse,
  { sessionId, callId }: Extract<TwimlPlan, { plan: 'enqueue' }>,
  { publicBaseUrl }: TwimlSettings,
): void {
  response.enqueue(
    {
      ...POST,
      action: publicBaseUrl + paths.onDequeue(callId, 1),
      waitUrl: publicBaseUrl + paths.waiting(callId, 1),
      waitUrlMethod: 'POST',
    },
    queueName(sessionId),
  );
}

/** A second and a half of silence (`w` is half a second), then asks again: so `bridgeWithin` is heard within two. */
function writeHold(
  response: VoiceResponse,
  plan: Extract<TwimlPlan, { plan: 'hold' }>,
  { publicBaseUrl }: TwimlSettings,
): void {
  response.pause({ length: 1 });
  response.play({ digits: 'w' });
  response.redirect(POST, publicBaseUrl + paths.waiting(plan.callId, plan.step));
}

/** What XML cannot carry: the SDK's writer throws on control characters and halves of surrogate pairs. */
const UNSPEAKABLE = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu;

/** Who called and how to call back, no sales pitch: 47 CFR 64.1200(a)(7)(i). */
function writeNotice(response: VoiceResponse, company: Company): void {
  const number = spoken(company.phone);
  const name = company.name.replaceAll(UNSPEAKABLE, ' ').trim();
  sayAndEnd(
    response,
    `This call was from ${name}, for telemarketing purposes. Nobody was free to talk to you. ` +
      `You can phone us at ${number}. Goodbye.`,
  );
}

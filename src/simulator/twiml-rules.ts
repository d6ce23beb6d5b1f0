import type { TwimlElement } from './twiml.ts';

/** How the value of an attribute must look, and Twilio's warning when it does not (the default is used then). */
interface AttributeRule {
  readonly isValid: (value: string) => boolean;
  readonly code: number;
}

interface ElementRule {
  readonly attributes: Readonly<Record<string, AttributeRule>>;
  readonly children?: readonly string[];
}

export interface TwimlWarning {
  readonly code: number;
  readonly message: string;
}

const any: AttributeRule = { isValid: () => true, code: 12200 };
const oneOf = (code: number, ...values: string[]): AttributeRule => ({
  isValid: (value) => values.includes(value),
  code,
});
const bool = (code: number): AttributeRule => oneOf(code, 'true', 'false');
const method = (code: number): AttributeRule => ({
  isValid: (value) => /^(get|post)$/i.test(value),
  code,
});
const integer = (code: number, min: number, max: number): AttributeRule => ({
  isValid: (value) => /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max,
  code,
});
const matching = (code: number, pattern: RegExp): AttributeRule => ({
  isValid: (value) => pattern.test(value),
  code,
});
const all = (...names: string[]): Record<string, AttributeRule> =>
  Object.fromEntries(names.map((name) => [name, any]));

const RECORDING_CALLBACK = all(
  'recordingStatusCallback',
  'recordingStatusCallbackMethod',
  'recordingStatusCallbackEvent',
);
const STATUS_CALLBACK = all('statusCallback', 'statusCallbackEvent', 'statusCallbackMethod');
const MACHINE_DETECTION = all(
  'machineDetection',
  'amdStatusCallback',
  'amdStatusCallbackMethod',
  'machineDetectionTimeout',
  'machineDetectionSpeechThreshold',
  'machineDetectionSpeechEndThreshold',
  'machineDetectionSilenceTimeout',
);
const SPEECH = all(
  'speechTimeout',
  'speechModel',
  'hints',
  'language',
  'profanityFilter',
  'enhanced',
  'maxSpeechTime',
);
const SSML = [
  'break',
  'emphasis',
  'lang',
  'p',
  'phoneme',
  'prosody',
  's',
  'say-as',
  'sub',
  'w',
  'amazon:effect',
];
const DIAL_KEYS = /^[0-9*#wWA-D]*$/;

/**
 * Verbs and nouns with their attributes, after the verbs' own pages and the SDK's builder. The numbers are Twilio's
 * debugger codes for a bad value.
 */
const RULES: Readonly<Record<string, ElementRule>> = {
  Say: {
    attributes: { ...all('voice', 'language'), loop: integer(13510, 0, 1000) },
    children: SSML,
  },
  Play: { attributes: { loop: integer(13410, 0, 1000), digits: matching(13411, DIAL_KEYS) } },
  Pause: { attributes: { length: integer(13910, 0, 14_400) } },
  Gather: {
    attributes: {
      ...all('action', 'partialResultCallback', 'partialResultCallbackMethod', 'bargeIn', 'debug'),
      ...SPEECH,
      method: method(13312),
      input: matching(13335, /^(dtmf|speech)( (dtmf|speech))?$/),
      timeout: matching(13313, /^(\d+|auto)$/),
      finishOnKey: matching(13310, /^[0-9*#]?$/),
      numDigits: integer(13314, 1, 1_000_000),
      actionOnEmptyResult: bool(13311),
    },
    children: ['Say', 'Play', 'Pause'],
  },
  Dial: {
    attributes: {
      ...all(
        'action',
        'callerId',
        'ringTone',
        'recordingTrack',
        'referUrl',
        'referMethod',
        'events',
        'passports',
      ),
      ...RECORDING_CALLBACK,
      method: method(13210),
      timeout: integer(13212, 5, 600),
      timeLimit: integer(13216, 1, 86_400),
      hangupOnStar: bool(13213),
      answerOnBridge: bool(12200),
      sequential: bool(12200),
      trim: oneOf(12200, 'trim-silence', 'do-not-trim'),
      record: oneOf(
        12200,
        'do-not-record',
        'record-from-answer',
        'record-from-ringing',
        'record-from-answer-dual',
        'record-from-ringing-dual',
        'true',
        'false',
      ),
    },
    children: ['Number', 'Client', 'Queue', 'Conference', 'Sip', 'Sim'],
  },
  Number: {
    attributes: {
      ...all('url', 'byoc'),
      ...STATUS_CALLBACK,
      ...MACHINE_DETECTION,
      method: method(13221),
      sendDigits: matching(13222, DIAL_KEYS),
    },
  },
  Client: {
    attributes: { ...all('url'), ...STATUS_CALLBACK, method: method(13221) },
    children: ['Identity', 'Parameter'],
  },
  Identity: { attributes: {} },
  Parameter: { attributes: all('name', 'value') },
  Sip: {
    attributes: { ...all('url', 'method', 'username', 'password', 'codecs'), ...STATUS_CALLBACK },
  },
  Sim: { attributes: {} },
  Queue: {
    attributes: { ...all('url', 'reservationSid', 'postWorkActivitySid'), method: method(14210) },
  },
  Conference: {
    attributes: {
      ...all(
        'waitUrl',
        'coach',
        'participantLabel',
        'region',
        'jitterBufferSize',
        'eventCallbackUrl',
        'trim',
      ),
      ...STATUS_CALLBACK,
      ...RECORDING_CALLBACK,
      muted: bool(13230),
      endConferenceOnExit: bool(13231),
      startConferenceOnEnter: bool(13232),
      waitMethod: method(13234),
      maxParticipants: integer(13235, 2, 250),
      beep: oneOf(13236, 'true', 'false', 'onEnter', 'onExit'),
      record: oneOf(12200, 'do-not-record', 'record-from-start'),
    },
  },
  Enqueue: {
    attributes: {
      ...all('action', 'waitUrl', 'workflowSid', 'maxQueueSize'),
      method: method(14201),
      waitUrlMethod: method(14206),
    },
    children: ['Task'],
  },
  Task: { attributes: all('priority', 'timeout') },
  Leave: { attributes: {} },
  Redirect: { attributes: { method: method(13710) } },
  Reject: { attributes: { reason: oneOf(13810, 'rejected', 'busy') } },
  Hangup: { attributes: {} },
  Record: {
    attributes: {
      ...all('action', 'transcribe', 'transcribeCallback', 'recordingTrack'),
      ...RECORDING_CALLBACK,
      method: method(13611),
      timeout: integer(13613, 1, 3600),
      finishOnKey: matching(13610, /^[0-9*#]*$/),
      maxLength: integer(13614, 1, 14_400),
      playBeep: bool(13615),
      trim: oneOf(13616, 'trim-silence', 'do-not-trim'),
    },
  },
};

const VERBS: ReadonlySet<string> = new Set([
  'Say', 'Play', 'Pause', 'Gather', 'Dial', 'Enqueue', 'Leave', 'Redirect', 'Reject', 'Hangup', 'Record',
]); // prettier-ignore

/** Verbs Twilio has and this network has not: said in the log, so that nobody takes silence for support. */
const ABSENT_VERBS: ReadonlySet<string> = new Set([
  'Connect',
  'Start',
  'Stop',
  'Stream',
  'Siprec',
  'Sms',
  'Pay',
  'Prompt',
  'Refer',
  'Echo',
  'Message',
]);

interface CheckedDocument {
  readonly verbs: readonly TwimlElement[];
  readonly warnings: readonly TwimlWarning[];
}

// Parsed documents are cached and shared, so one check per document is enough.
const checkedDocuments = new WeakMap<TwimlElement, CheckedDocument>();

/**
 * The verbs of a document that will run: unknown elements, attributes and nestings are left out, each with a warning, and
 * values out of range give way to their defaults (12200 and the 13xxx family). Execution goes on, as it does at Twilio.
 */
export function checkDocument(root: TwimlElement): CheckedDocument {
  const known = checkedDocuments.get(root);
  if (known) return known;
  const warnings: TwimlWarning[] = [];
  const verbs = root.children.flatMap((verb) => checkVerb(verb, warnings));
  if (root.text !== '')
    warnings.push({ code: 12200, message: 'text directly inside <Response> is ignored' });
  const checked = { verbs, warnings };
  checkedDocuments.set(root, checked);
  return checked;
}

function checkVerb(verb: TwimlElement, warnings: TwimlWarning[]): TwimlElement[] {
  if (VERBS.has(verb.name)) return [checkElement(verb, warnings)];
  const message = ABSENT_VERBS.has(verb.name)
    ? `<${verb.name}> is a verb of Twilio's that the simulated network does not have; it is skipped`
    : `<${verb.name}> is not a verb; it is skipped`;
  warnings.push({ code: 12200, message });
  return [];
}

function checkElement(element: TwimlElement, warnings: TwimlWarning[]): TwimlElement {
  const rule = RULES[element.name];
  if (!rule) return element; // SSML: spoken as its text
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(element.attributes)) {
    const attribute = Object.hasOwn(rule.attributes, name) ? rule.attributes[name] : undefined;
    if (!attribute) {
      warnings.push({
        code: 12200,
        message: `<${element.name}> has no attribute ${name}; it is ignored`,
      });
    } else if (attribute.isValid(value)) {
      attributes[name] = value;
    } else {
      warnings.push({
        code: attribute.code,
        message: `<${element.name} ${name}="${value}"> is not allowed; the default is used`,
      });
    }
  }
  const children = element.children.flatMap((child) => {
    if (rule.children?.includes(child.name)) return [checkElement(child, warnings)];
    warnings.push({
      code: 12200,
      message: `<${child.name}> may not stand in <${element.name}>; it is skipped`,
    });
    return [];
  });
  return { ...element, attributes, children };
}

/** All text inside an element, its children's included: what <Say> speaks. */
export function spokenText(element: TwimlElement): string {
  return [element.text, ...element.children.map(spokenText)]
    .filter((part) => part !== '')
    .join(' ');
}

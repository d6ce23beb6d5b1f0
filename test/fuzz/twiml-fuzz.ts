import * as fc from 'fast-check';
import type { CallId, CallSid, SessionId } from '../../src/domain/ids.ts';
import { checkDocument, spokenText } from '../../src/simulator/twiml-rules.ts';
import type { TwimlPlan } from '../../src/domain/twiml-plan.ts';
import { parseTwiml } from '../../src/simulator/twiml.ts';
import { writeTwiml } from '../../src/twilio/twiml.ts';
import { documentPlan } from '../twilio/support/plans.ts';
import type { Fuzz } from './fuzz.ts';

const id = (length: number) =>
  fc.string({
    unit: fc.constantFrom('a', 'Z', '0', '9', '_', '-'),
    minLength: length,
    maxLength: length,
  });
const sid = id(32).map((text) => `CA${text}` as CallSid);
const callId = id(22).map((text) => text as CallId);
const sessionId = id(22).map((text) => text as SessionId);
const step = fc.integer({ min: 1, max: 999_999 });

const somePlan = documentPlan({ sid, sessionId, callId, step });

const VERBS = ['Response', 'Say', 'Play', 'Pause', 'Gather', 'Dial', 'Queue', 'Number', 'Conference', 'Enqueue', 'Leave', 'Redirect', 'Reject', 'Hangup', 'Record', 'p', 'constructor', '__proto__', 'Échappe']; // prettier-ignore
const ATTRIBUTES = ['action', 'method', 'timeout', 'timeLimit', 'numDigits', 'length', 'loop', 'digits', 'url', 'waitUrl', 'constructor', '__proto__', 'voice']; // prettier-ignore
const oddValue = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '0', '-1', '1e9', '9'.repeat(40), '&amp;', '&#0;', '&nobody;', ']]>', '/relative', '//host', 'http://[', '\u0001'),
); // prettier-ignore

interface Tree {
  verb: string;
  attributes: [string, string][];
  inside: (Tree | string)[];
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    verb: fc.constantFrom(...VERBS),
    attributes: fc.array(fc.tuple(fc.constantFrom(...ATTRIBUTES), oddValue), { maxLength: 3 }),
    inside: fc.array(fc.oneof({ depthSize: 'small' }, oddValue, tie('tree')), { maxLength: 4 }),
  }),
}));

const written = ({ verb, attributes, inside }: Tree): string => {
  const named = attributes.map(([name, value]) => ` ${name}="${value}"`).join('');
  return `<${verb}${named}>${inside.map((part) => (typeof part === 'string' ? part : written(part))).join('')}</${verb}>`;
};

/** Twilio takes documents of up to 64 KiB (error 11750): that is room for this much nesting. */
const deep = fc
  .tuple(fc.constantFrom('p', 'Say', 'Gather', 'Response'), fc.integer({ min: 1, max: 8000 }))
  .map(([verb, depth]) => {
    const open = `<${verb}>`.repeat(depth).slice(0, 32_000);
    const whole = Math.floor(open.length / (verb.length + 2));
    return `<Response><Say>${`<${verb}>`.repeat(whole)}hello${`</${verb}>`.repeat(whole)}</Say></Response>`;
  });

const SETTINGS = {
  publicBaseUrl: 'https://dialer.example.test',
  company: { name: 'Fuzz & Sons', phone: '+13155550100' },
  talkLimitSeconds: 3600,
};

type Drawn =
  | { kind: 'ours'; plan: TwimlPlan; company: string }
  | { kind: 'damaged'; plan: TwimlPlan; at: number; insert: string; drop: number }
  | { kind: 'text'; text: string };

const drawn: fc.Arbitrary<Drawn> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('ours' as const),
      plan: somePlan,
      company: fc.string({ unit: 'binary', maxLength: 60 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('damaged' as const),
      plan: somePlan,
      at: fc.nat(400),
      insert: oddValue,
      drop: fc.nat(8),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('text' as const),
      text: fc.oneof(
        { weight: 6, arbitrary: tree.map((root) => written({ ...root, verb: 'Response' })) },
        { weight: 3, arbitrary: tree.map(written) },
        { weight: 2, arbitrary: oddValue },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('text' as const), text: deep }) },
);

/** What our writer writes is accepted without a warning; every other text is accepted or refused, and neither crashes. */
export const twimlFuzz: Fuzz<Drawn> = {
  name: 'TwiML texts',
  arbitrary: drawn,
  async run(_rig, what) {
    const text = textOf(what);
    const parsed = parseTwiml(text);
    const checked = parsed.ok ? checkDocument(parsed.root) : null;
    for (const verb of checked?.verbs ?? []) spokenText(verb);
    if (what.kind !== 'ours') return null;
    if (!parsed.ok) return `our own document is refused: ${parsed.message}: ${text}`;
    const warning = checked?.warnings[0];
    return warning ? `our own document is warned of: ${warning.message}: ${text}` : null;
  },
};

function textOf(what: Drawn): string {
  if (what.kind === 'text') return what.text;
  const name = what.kind === 'ours' ? what.company : 'Fuzz';
  const settings = { ...SETTINGS, company: { ...SETTINGS.company, name } };
  const document = writeTwiml(what.plan, settings) ?? '';
  if (what.kind === 'ours') return document;
  return document.slice(0, what.at) + what.insert + document.slice(what.at + what.drop);
}

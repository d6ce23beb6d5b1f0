import { SaxesParser } from 'saxes';

export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TwimlElement[];
  /** The text directly inside, trimmed. */
  readonly text: string;
}

/** What a document is, before anyone asks whether its verbs are allowed. Codes are Twilio's. */
export type ParsedTwiml =
  | { readonly ok: true; readonly root: TwimlElement }
  | { readonly ok: false; readonly code: 12100 | 12102; readonly message: string };

interface OpenElement {
  name: string;
  attributes: Record<string, string>;
  children: TwimlElement[];
  text: string;
}

// Programs answer with the same few documents again and again.
const CACHE_SIZE_MAX = 500;
const cache = new Map<string, ParsedTwiml>();

/** Self-imposed: no verb of Twilio's nests deeper than its SSML does, and whoever walks a document may recurse. */
const DEPTH_MAX = 100;

/** Parses a TwiML document. Names are case-sensitive, comments allowed, `Response` must be the root (12102). */
export function parseTwiml(source: string): ParsedTwiml {
  const known = cache.get(source);
  if (known) return known;
  const parsed = parse(source);
  if (cache.size >= CACHE_SIZE_MAX) cache.clear();
  cache.set(source, parsed);
  return parsed;
}

function parse(source: string): ParsedTwiml {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  const roots: TwimlElement[] = [];
  const addText = (text: string): void => {
    const current = open.at(-1);
    if (current) current.text += text;
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    if (open.length >= DEPTH_MAX) throw new Error(`elements are nested deeper than ${DEPTH_MAX}`);
    open.push({ name: tag.name, attributes: tag.attributes, children: [], text: '' });
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const closed = open.pop()!;
    const element = { ...closed, text: closed.text.trim() };
    (open.at(-1)?.children ?? roots).push(element);
  });
  try {
    parser.write(source.trimStart()).close();
  } catch (error) {
    return { ok: false, code: 12100, message: (error as Error).message };
  }
  const root = roots[0];
  if (!root) return { ok: false, code: 12100, message: 'the document is empty' };
  if (root.name !== 'Response') {
    return {
      ok: false,
      code: 12102,
      message: `the root element is <${root.name}>, it must be <Response>`,
    };
  }
  return { ok: true, root };
}

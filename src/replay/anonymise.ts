import { NumberMap, numbersIn, isNobodys } from './numbers.ts';

/** Twilio's ids: two letters that tell the kind, and 32 hex digits. */
const SID = /\b(AC|AP|CA|CF|CN|CT|DO|MG|NO|PN|QU|RE|SK|SM|US|WA|WK|WO)([0-9a-f]{32})\b/g;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
/** Ours: 22 base64url characters after a part of a path, or as the value of one of our fields. */
const OWN_ID =
  /(?<=\/(?:stop-consuming|bridging|enqueue|waiting|on-dequeue|call-status-event)\/|queue-|"(?:session|call|callId)"\s*:\s*")[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g;
/** A lead's id may be that of another system. */
const LEAD_ID = /(?<="lead"\s*:\s*")[^"\\]+(?=")/g;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
/** Ranges that belong to nobody: documentation (RFC 5737) and this machine. */
const NOBODYS_ADDRESS = /^(?:192\.0\.2|198\.51\.100|203\.0\.113|127)\./;

/** Values that are a person's or a place's, by the name of the field, as forms, JSON and `util.inspect` write them. */
const FIELDS: readonly (readonly [
  names: string,
  stand: (count: number, value: string) => string,
])[] = [
  ['(?:From|To|Caller|Called)City', (count) => cityOf(count)],
  ['(?:From|To|Caller|Called)Zip', (count) => String(10_000 + count)],
  ['CallerName|StirPassportToken|CallToken', (count) => `NAME ${count}`],
  ['SpeechResult|notes|agent|agentName|FriendlyName', (count) => `text ${count}`],
  ['Digits|code', (count, value) => codeOf(count, value)],
];
const SECRETS =
  /(["']?(?:X-Twilio-Signature|Authorization|Cookie|Set-Cookie)["']?\s*[:=]\s*["']?)[^"'\r\n,}]+/gi;
/** The same in a HAR file, where name and value are fields of their own. */
const HAR_SECRETS =
  /("name"\s*:\s*"(?:X-Twilio-Signature|Authorization|Cookie|Set-Cookie)"\s*,\s*"value"\s*:\s*")[^"]*/gi;
const CITIES = ['WESTON', 'EASTON', 'NORTON', 'SUTTON', 'MILTON', 'CARLTON', 'ASHTON', 'BURTON'];

const cityOf = (count: number): string => {
  const city = CITIES[(count - 1) % CITIES.length] ?? 'WESTON';
  return count <= CITIES.length ? city : `${city} ${Math.ceil(count / CITIES.length)}`;
};

/** As long as it was: the length of a document depends on it. */
const codeOf = (count: number, value: string): string =>
  /^\d+$/.test(value) ? String(count).padStart(value.length, '9') : value;

/**
 * Replaces what points to a person, an account or a machine, in any text format: numbers by 555-01xx, ids by counted ones of
 * the same kind and length, places, names and codes by invented ones. The same becomes the same throughout the file; times
 * stay, and so do lengths of what stands in answers. Doing it again changes nothing that matters and reveals nothing.
 */
export function anonymise(text: string): string {
  const kept = numbersIn(text).filter(({ digits }) => isNobodys(digits));
  let result = new NumberMap(kept.map(({ digits }) => digits)).replaceIn(text);
  result = counted(
    result,
    SID,
    (count, sid) => sid.slice(0, 2) + String(count).padStart(32, '0'),
    sidKind,
  );
  result = counted(
    result,
    UUID,
    (count) => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
  );
  result = counted(result, OWN_ID, (count) => `id-${String(count).padStart(19, '0')}`);
  result = counted(result, LEAD_ID, (count) => `lead-${count}`);
  result = counted(result, IPV4, (count, address) =>
    NOBODYS_ADDRESS.test(address) ? address : `192.0.2.${((count - 1) % 254) + 1}`,
  );
  for (const [names, stand] of FIELDS) result = replaceField(result, names, stand);
  return result.replaceAll(SECRETS, '$1dropped').replaceAll(HAR_SECRETS, '$1dropped');
}

const sidKind = (sid: string): string => sid.slice(0, 2);

/** Counts distinct finds per kind; each becomes what its count gives. */
function counted(
  text: string,
  pattern: RegExp,
  stand: (count: number, found: string) => string,
  kindOf: (found: string) => string = () => '',
): string {
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  return text.replaceAll(pattern, (found) => {
    const earlier = known.get(found);
    if (earlier !== undefined) return earlier;
    const count = (counts.get(kindOf(found)) ?? 0) + 1;
    counts.set(kindOf(found), count);
    const fresh = stand(count, found);
    known.set(found, fresh);
    return fresh;
  });
}

/** `FromCity: 'X'`, `"FromCity":"X"`, `FromCity=X&`; codes also where they name a queue. */
function replaceField(
  text: string,
  names: string,
  stand: (count: number, value: string) => string,
): string {
  const known = new Map<string, string>();
  const replace = (value: string): string => {
    if (value === '') return value;
    const fresh = known.get(value) ?? stand(known.size + 1, value);
    known.set(value, fresh);
    return fresh;
  };
  const keep = (_: string, before: string, value: string): string => before + replace(value);
  const label = `(?<!\\w)\\\\?["']?(?:${names})\\\\?["']?\\s*:\\s*`;
  const single = new RegExp(`(${label}')([^'\r\n]*)`, 'g');
  const double = new RegExp(`(${label}")((?:[^"\r\n\\\\]|\\\\.)*)`, 'g');
  /** JSON in a text of JSON. */
  const nested = new RegExp(`(${label}\\\\")([^"\r\n\\\\]*)`, 'g');
  const paired = new RegExp(
    `("name"\\s*:\\s*"(?:${names})"\\s*,\\s*"value"\\s*:\\s*")([^"]*)`,
    'g',
  );
  const encoded = new RegExp(`((?:^|[?&"'\\s])(?:${names})=)([^&"'\\s]+)`, 'g');
  const result = text
    .replaceAll(single, keep)
    .replaceAll(double, keep)
    .replaceAll(nested, keep)
    .replaceAll(paired, keep)
    .replaceAll(encoded, (_, before: string, value: string) => {
      return before + encodeURIComponent(replace(decode(value)));
    });
  return result.replaceAll(/(?<=queue-)\d{4,8}(?!\d)/g, (code) => known.get(code) ?? code);
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    // Not a well-formed escape: it is replaced as it stands.
    return value;
  }
}

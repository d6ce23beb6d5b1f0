/** One line of a web server's access log (nginx "combined" and Apache's, which it copied). */
export interface AccessLine {
  at: number;
  method: string;
  path: string;
  query: string;
  status: number;
  /** As sent, chunk framing included; null for `-`. */
  bytes: number | null;
  referer: string | null;
  userAgent: string | null;
}

const LINE =
  /\[(\d{1,2}\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?" (\d{3}) (\d+|-)(?: "([^"]*)" "([^"]*)")?/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function readAccessLine(text: string): AccessLine | null {
  const match = LINE.exec(text);
  if (!match) return null;
  const [, time = '', method = '', target = '', status, bytes, referer, userAgent] = match;
  const at = readLogTime(time);
  if (at === null) return null;
  const [path = '', query = ''] = target.replace(/^https?:\/\/[^/]+/, '').split('?', 2);
  return {
    at,
    method,
    path,
    query,
    status: Number(status),
    bytes: bytes === '-' ? null : Number(bytes),
    referer: referer === undefined || referer === '-' ? null : referer,
    userAgent: userAgent ?? null,
  };
}

/** `27/Jan/2019:16:47:56 +0000` */
function readLogTime(text: string): number | null {
  const match = /^(\d+)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text);
  if (!match) return null;
  const [, day, month, year, hour, minute, second, sign, zoneHours, zoneMinutes] = match;
  const monthIndex = MONTHS.indexOf(month ?? '');
  if (monthIndex < 0) return null;
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return (
    Date.UTC(Number(year), monthIndex, Number(day), Number(hour), Number(minute), Number(second)) -
    zoneMs
  );
}

/**
 * Length of the document in a counted body. The handlers of 2019 wrote head and document apart, so the body was
 * chunked: size line, line end after the data, last chunk; 224 counted bytes are a document of 213 (`d5` and 9 more).
 */
export function unchunked(bytes: number): number {
  for (const hexDigits of [1, 2, 3, 4]) {
    const bodyBytes = bytes - hexDigits - 9;
    if (bodyBytes > 0 && bodyBytes.toString(16).length === hexDigits) return bodyBytes;
  }
  return bytes;
}

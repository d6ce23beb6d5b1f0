import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readConsoleLog } from './console-log.ts';
import { isNobodys, NumberMap, numbersIn } from './numbers.ts';
import { isOwnFormat, readOwnFormat } from './own-format.ts';
import { NO_SETTINGS, RecordingError, type Recording, type RecordingFormat } from './recording.ts';
import { readHar, readTraffic } from './traffic.ts';
import { readTwilioExport } from './twilio-export.ts';

/** Reads a recording in any of its formats; the format is detected unless it is named. */
export async function readRecording(
  file: string,
  format: RecordingFormat | null = null,
): Promise<Recording> {
  return parseRecording(file, await readText(file), format);
}

/** The text of a file; UTF-16 with a mark is what PowerShell writes with `>`. */
export async function readText(file: string): Promise<string> {
  try {
    return decodeText(file, await readFile(file));
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    throw new RecordingError(file, 1, `cannot be read (${codeOf(error)})`);
  }
}

export function decodeText(file: string, bytes: Uint8Array): string {
  if (bytes.length === 0) throw new RecordingError(file, 1, 'is empty');
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

export function parseRecording(
  file: string,
  text: string,
  format: RecordingFormat | null = null,
): Recording {
  const known = format ?? detectFormat(text);
  const safe = withoutNumbers(file, text, known);
  const { settings, entries, unrecognised } = readAs(known, file, safe);
  if (entries.length === 0 && unrecognised.length === 0) {
    throw new RecordingError(file, 1, 'holds no request of Twilio’s in any known format');
  }
  return { file, format: known, settings, entries, unrecognised, isAnonymous: safe === text };
}

function detectFormat(text: string): RecordingFormat {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (isOwnFormat(start)) return 'recording';
  if (/^\{\s*"log"\s*:/.test(start)) return 'har';
  if (!/^(?:\{\s*"|\[\s*\{)/.test(start)) return 'console';
  if (readTwilioExport(start) !== null) return 'twilio';
  return readTraffic(start).entries.length > 0 ? 'traffic' : 'console';
}

function readAs(
  format: RecordingFormat,
  file: string,
  text: string,
): Pick<Recording, 'settings' | 'entries' | 'unrecognised'> {
  switch (format) {
    case 'recording':
      return readOwnFormat(file, text);
    case 'console':
      return { settings: NO_SETTINGS, ...readConsoleLog(text) };
    case 'traffic':
      return { settings: NO_SETTINGS, ...readTraffic(text) };
    case 'har':
      return { settings: NO_SETTINGS, ...orError(readHar(text), file, 'an HTTP archive') };
    case 'twilio':
      return {
        settings: NO_SETTINGS,
        ...orError(readTwilioExport(text), file, 'a list of Twilio’s events'),
      };
  }
}

function orError<T>(value: T | null, file: string, wanted: string): T {
  if (value === null) throw new RecordingError(file, 1, `is not ${wanted}`);
  return value;
}

/**
 * A recording holds no real number. A raw log that nobody has anonymised yet is read with its numbers replaced, so that none
 * reaches a terminal; a file that claims to be anonymised, and is not, is refused: it would end up in a repository.
 */
function withoutNumbers(file: string, text: string, format: RecordingFormat): string {
  const numbers = numbersIn(text);
  const real = numbers.find(({ digits }) => !isNobodys(digits));
  if (!real) return text;
  const isMixed = numbers.some(({ digits }) => isNobodys(digits));
  const isKept = basename(dirname(file)) === 'recordings';
  if (format === 'recording' || isMixed || isKept) {
    const reason = 'holds a telephone number that is not 555-01xx; write a safe copy with';
    throw new RecordingError(
      file,
      real.line,
      `${reason}: auto-connect recording anonymise ${file}`,
    );
  }
  return new NumberMap([]).replaceIn(text);
}

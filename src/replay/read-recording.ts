import { readFile } from 'node:fs/promises';
import { readConsoleLog } from './console-log.ts';
import { NO_SETTINGS, RecordingError, type Recording, type RecordingFormat } from './recording.ts';

/** Reads a recording in any of its formats; the format is detected unless it is named. */
export async function readRecording(
  file: string,
  format: RecordingFormat | null = null,
): Promise<Recording> {
  const text = await readText(file);
  return parseRecording(file, text, format);
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new RecordingError(file, 1, `cannot be read (${codeOf(error)})`);
  }
  if (bytes.length === 0) throw new RecordingError(file, 1, 'is empty');
  return new TextDecoder(isUtf16(bytes) ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** What PowerShell writes with `>`. */
const isUtf16 = (bytes: Buffer): boolean => bytes[0] === 0xff && bytes[1] === 0xfe;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

export function parseRecording(
  file: string,
  text: string,
  format: RecordingFormat | null = null,
): Recording {
  const { entries, unrecognised } = readConsoleLog(text);
  if (entries.length === 0 && unrecognised.length === 0) {
    throw new RecordingError(file, 1, 'holds no request of Twilio’s in any known format');
  }
  return { file, format: format ?? 'console', settings: NO_SETTINGS, entries, unrecognised };
}

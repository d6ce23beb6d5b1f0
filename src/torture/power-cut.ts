import { closeSync, openSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import type { Random } from '../simulator/random.ts';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** How far the write-ahead log was durable at some moment. */
export interface DurablePoint {
  /** The log's salts: another pair is another log in the same file. */
  salts: string;
  frames: number;
}

/**
 * What SQLite's index of its log says at this moment (sqlite.org/walformat.html: mxFrame at byte 16, the salts at 32,
 * nBackfillAttempted at 128): it is written when a transaction is synced, so what was acknowledged before this is in it.
 * Null while there is no log.
 */
export function durablePoint(storePath: string): (DurablePoint & { backfilled: number }) | null {
  const bytes = Buffer.alloc(132);
  try {
    const file = openSync(`${storePath}-shm`, 'r');
    const read = readSync(file, bytes, 0, bytes.length, 0);
    closeSync(file);
    if (read < bytes.length) return null;
  } catch {
    return null; // Not made yet, or gone with a clean end.
  }
  return {
    frames: bytes.readUInt32LE(16),
    salts: bytes.subarray(32, 40).toString('hex'),
    backfilled: bytes.readUInt32LE(128),
  };
}

/**
 * Leaves the log as a power failure may: cut at any byte beyond what was acknowledged, and its last frame torn. What was
 * already copied into the store was synced before, so that is never cut. Tells how many bytes are gone.
 */
export function cutPower(storePath: string, acked: DurablePoint | null, random: Random): number {
  const walPath = `${storePath}-wal`;
  const now = durablePoint(storePath);
  if (!now || now.frames === 0) return 0;
  const frameBytes = FRAME_HEADER_BYTES + pageBytes(walPath);
  // Another log than at the last acknowledgement: all of that one is in the store by now.
  const ackedFrames = acked && acked.salts === now.salts ? acked.frames : 0;
  const kept = WAL_HEADER_BYTES + Math.max(ackedFrames, now.backfilled) * frameBytes;
  const { size } = statSync(walPath);
  const end = Math.min(size, WAL_HEADER_BYTES + (now.frames + 2) * frameBytes);
  if (kept >= end) return 0;
  const cutAt = random.int(kept, end);
  truncateSync(walPath, cutAt);
  tear(walPath, Math.max(kept, cutAt - frameBytes), cutAt, random);
  return end - cutAt;
}

function tear(walPath: string, from: number, to: number, random: Random): void {
  if (from >= to) return;
  const at = random.int(from, to - 1);
  const file = openSync(walPath, 'r+');
  writeSync(file, Buffer.alloc(Math.min(64, to - at), random.int(0, 255)), 0, undefined, at);
  closeSync(file);
}

function pageBytes(walPath: string): number {
  const bytes = Buffer.alloc(4);
  const file = openSync(walPath, 'r');
  readSync(file, bytes, 0, 4, 8);
  closeSync(file);
  return bytes.readUInt32BE(0);
}

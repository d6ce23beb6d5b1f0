import { existsSync, readFileSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** SQLite's magic; its last bit tells the byte order of the checksums (sqlite.org/fileformat2.html §4.1). */
const MAGIC = 0x377f0682;

export interface DamagedFrame {
  /** Counted from 1. */
  index: number;
  /** Byte of the file at which the frame begins. */
  offset: number;
}

/**
 * Finds damage in the middle of a write-ahead log. SQLite reads a log up to its first bad frame and silently drops
 * the rest, which is right for the torn end of the last transaction and wrong for anything older: those were
 * acknowledged. A commit is synced before the next transaction begins, so a bad frame that is followed by a commit
 * and then by more of the same log cannot be a torn end. Null: nothing is lost but, at most, such an end.
 */
export function damagedFrame(walPath: string): DamagedFrame | null {
  if (!existsSync(walPath)) return null;
  const wal = readFileSync(walPath);
  if (wal.length < HEADER_BYTES) return null;
  const view = new DataView(wal.buffer, wal.byteOffset, wal.length);
  const magic = view.getUint32(0);
  if ((magic & 0xfffffffe) !== MAGIC) return null; // A log that never got its header holds nothing.
  const frameBytes = FRAME_HEADER_BYTES + view.getUint32(8);
  const frames = Math.floor((wal.length - HEADER_BYTES) / frameBytes);
  const sums = new Checksums(view, (magic & 1) === 0);
  sums.add(0, 24);
  const headerHolds = sums.matches(24);
  for (let index = 0; index < frames; index++) {
    const offset = HEADER_BYTES + index * frameBytes;
    sums.add(offset, 8);
    sums.add(offset + FRAME_HEADER_BYTES, frameBytes - FRAME_HEADER_BYTES);
    if (headerHolds && isOfThisLog(view, offset) && sums.matches(offset + 16)) continue;
    return isFollowedByMore(view, index, frames, frameBytes) ? { index: index + 1, offset } : null;
  }
  return null;
}

/** Frames of an earlier turn of the log have other salts: they are leftovers, not losses. */
const isOfThisLog = (view: DataView, offset: number): boolean =>
  view.getUint32(offset + 8) === view.getUint32(16) &&
  view.getUint32(offset + 12) === view.getUint32(20);

function isFollowedByMore(
  view: DataView,
  from: number,
  frames: number,
  frameBytes: number,
): boolean {
  let committed = false;
  for (let index = from; index < frames; index++) {
    const offset = HEADER_BYTES + index * frameBytes;
    // The first bad frame may have lost its salts; past it, other salts are leftovers.
    if (!isOfThisLog(view, offset) && index > from) return false;
    if (committed) return true;
    // A commit frame names the size of the database in pages; it may be the damaged one itself.
    committed = view.getUint32(offset + 4) !== 0;
  }
  return false;
}

/** The running checksum of sqlite.org/fileformat2.html §4.2. */
class Checksums {
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #s0 = 0;
  #s1 = 0;

  constructor(view: DataView, littleEndian: boolean) {
    this.#view = view;
    this.#littleEndian = littleEndian;
  }

  add(offset: number, bytes: number): void {
    for (let at = offset; at < offset + bytes; at += 8) {
      this.#s0 = (this.#s0 + this.#view.getUint32(at, this.#littleEndian) + this.#s1) >>> 0;
      this.#s1 = (this.#s1 + this.#view.getUint32(at + 4, this.#littleEndian) + this.#s0) >>> 0;
    }
  }

  /** Stored checksums are big-endian whatever the order of the data. */
  matches(offset: number): boolean {
    return (
      this.#view.getUint32(offset) === this.#s0 && this.#view.getUint32(offset + 4) === this.#s1
    );
  }
}

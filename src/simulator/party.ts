import type { Heard, Leg, Moment } from './leg.ts';

/** Whoever is at the far end of a leg: a scripted or random person, or a handset someone plays by hand. */
export interface Party {
  /** The network calls: answer, decline, or let it ring until the caller gives up. */
  rings(leg: Leg): void;
  notices?(leg: Leg, moment: Moment): void;
  hears?(leg: Leg, heard: Heard): void;
  /** What answering machine detection would make of it. Default: a person. */
  readonly nature?: 'person' | 'machine' | 'fax' | 'silent';
  /** A machine's greeting, which `DetectMessageEnd` waits out. */
  readonly greetingMs?: number;
  /** How detection hears the end of a machine's greeting. Default: a beep. */
  readonly greetingEnd?: 'beep' | 'silence' | 'other';
  /** Shown to numbers with caller-name lookup. */
  readonly name?: string;
  /** The number cannot be reached at all: the call fails without ringing. */
  isReachable?(): boolean;
}

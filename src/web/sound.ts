// The cue at the bridge. Browsers let a page sound only after a click or a key: the first one wakes it.
import { useSyncExternalStore } from 'react';

const NOTES_HZ = [660, 880];
const NOTE_S = 0.11;
const PEAK_GAIN = 0.12;

let context: AudioContext | null = null;
const listeners = new Set<() => void>();

export function wakeSoundOnFirstGesture(): void {
  for (const gesture of ['pointerdown', 'keydown'] as const) {
    window.addEventListener(gesture, wake, { once: true, passive: true });
  }
}

function wake(): void {
  if (context === null) {
    context = new AudioContext();
    context.addEventListener('statechange', () => {
      for (const listener of listeners) listener();
    });
  }
  void context.resume();
}

const isAwake = () => context?.state === 'running';

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** False until the agent has touched the page: after a reload the cue would be silent. */
export const useSoundAwake = (): boolean => useSyncExternalStore(subscribe, isAwake);

/** Two short rising notes, quiet enough for eight hours. Silent before the first gesture. */
export function playBridgeCue(): void {
  if (context === null || !isAwake()) return;
  for (const [index, hz] of NOTES_HZ.entries()) {
    const startsAt = context.currentTime + index * NOTE_S;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = hz;
    gain.gain.setValueAtTime(0, startsAt);
    gain.gain.linearRampToValueAtTime(PEAK_GAIN, startsAt + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.001, startsAt + NOTE_S);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(startsAt);
    oscillator.stop(startsAt + NOTE_S);
  }
}

import { useHotkeys, type HotkeyItem } from '@mantine/hooks';
import { createContext, useContext } from 'react';

/** Every key of the page: what is shown on the button, what the `aria-keyshortcuts` say, what is listened for. */
export const KEYS = {
  callLeads: { label: 'C', aria: 'C', hotkeys: ['c'] },
  pause: { label: 'P', aria: 'P', hotkeys: ['p'] },
  hangUp: { label: 'H', aria: 'H', hotkeys: ['h'] },
  fewerLines: { label: '−', aria: '-', hotkeys: ['-', 'shift+-'] },
  moreLines: { label: '+', aria: '+', hotkeys: ['[plus]', 'shift+[plus]', '='] },
  callOn: { label: 'A', aria: 'A', hotkeys: ['a'] },
  notes: { label: 'N', aria: 'N', hotkeys: ['n'] },
  handset: { label: 'D', aria: 'D', hotkeys: ['d'] },
  recent: { label: 'R', aria: 'R', hotkeys: ['r'] },
  leads: { label: 'L', aria: 'L', hotkeys: ['l'] },
  import: { label: 'I', aria: 'I', hotkeys: ['i'] },
  sound: { label: 'S', aria: 'S', hotkeys: ['s'] },
  scheme: { label: 'T', aria: 'T', hotkeys: ['t'] },
  sheet: { label: '?', aria: '?', hotkeys: ['?', 'shift+?'] },
  signOut: { label: 'Q', aria: 'Q', hotkeys: ['q'] },
  use: { label: 'U', aria: 'U', hotkeys: ['u'] },
} as const satisfies Record<string, { label: string; aria: string; hotkeys: readonly string[] }>;

export type KeyName = keyof typeof KEYS;

/** False while a dialog has the keyboard, or while the agent has switched single keys off (WCAG 2.1.4). */
export const KeysActive = createContext(true);

/** Listens for these keys outside text fields. A key held down counts once. */
export function useKeys(hotkeys: Array<[readonly string[], () => void]>): void {
  const isActive = useContext(KeysActive);
  const items: HotkeyItem[] = hotkeys.flatMap(([names, act]) =>
    names.map((name): HotkeyItem => [
      name,
      (event) => {
        if (isTextField(event.target)) return;
        event.preventDefault();
        if (!event.repeat) act();
      },
      { preventDefault: false },
    ]),
  );
  // By tag alone a switch would count as a text field, and swallow the next digit.
  useHotkeys(isActive ? items : [], []);
}

const NOT_TEXT: ReadonlySet<string> = new Set(['checkbox', 'radio', 'button', 'submit', 'reset']);

function isTextField(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !NOT_TEXT.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

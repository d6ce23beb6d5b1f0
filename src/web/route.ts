import { useSyncExternalStore } from 'react';

/** Pages beside the desk are places of the same page: the agent's socket, and with it her session, stays. */
type Place = 'desk' | 'machines';

const read = (): Place => (/\/machines\/?$/.test(window.location.pathname) ? 'machines' : 'desk');

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  return () => window.removeEventListener('popstate', listener);
}

export const usePlace = (): Place => useSyncExternalStore(subscribe, read);

export function go(place: Place): void {
  const base = window.location.pathname.replace(/machines\/?$/, '');
  window.history.pushState(null, '', place === 'desk' ? base : `${base}machines`);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

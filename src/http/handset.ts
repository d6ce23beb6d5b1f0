import type { Handset } from '../protocol/messages.ts';

/** The handset of one agent on the simulated network. */
export interface HandsetLine {
  dial(): Promise<void>;
  press(digits: string): Promise<void>;
  hangUp(): Promise<void>;
  /** Tells what the handset shows, now and at each change, until the signal aborts. */
  watch(signal: AbortSignal, onChange: (handset: Handset) => void): void;
}

/** How long the page does without its handset when the simulated network cannot be reached. */
const RETRY_AFTER_MS = 1000;

/**
 * A handset by the control API of the simulated network (docs/simulator.md). One thing at a time, in the order in which
 * they were asked for: keys that are typed quickly would overtake one another otherwise.
 */
export function simulatedHandset(networkUrl: string, handset: string, dials: string): HandsetLine {
  const url = `${networkUrl}/control/handsets/${encodeURIComponent(handset)}`;
  let busy: Promise<unknown> = Promise.resolve();
  const send = async (verb: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
  };
  const post = (verb: string, body: object): Promise<void> => {
    const sent = busy.then(() => send(verb, body));
    // What has failed was told to whoever asked for it; the next is tried all the same.
    busy = sent.catch(() => {});
    return sent;
  };
  return {
    dial: () => post('dial', { to: dials }),
    press: (digits) => post('press', { digits }),
    hangUp: () => post('hangUp', {}),
    watch: (signal, onChange) => void follow(`${url}/events`, signal, onChange),
  };
}

/** Reads the server-sent events until aborted; a broken stream is opened again. */
async function follow(
  url: string,
  signal: AbortSignal,
  onChange: (handset: Handset) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal, headers: { accept: 'text/event-stream' } });
      await readEvents(response, onChange);
    } catch {
      // Aborted, or the network is gone: the loop's condition tells which.
    }
    if (!signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS).unref());
  }
}

async function readEvents(response: Response, onChange: (handset: Handset) => void): Promise<void> {
  if (!response.ok || !response.body) return;
  let pending = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    pending += chunk;
    const events = pending.split('\n\n');
    pending = events.pop() ?? '';
    for (const event of events) {
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length))
        .join('\n');
      if (data) onChange(readHandset(JSON.parse(data)));
    }
  }
}

function readHandset(state: unknown): Handset {
  const { phase, heard } = state as Handset; // Our own control API, one process away.
  return { phase, heard: heard.map(({ id, at, kind, text }) => ({ id, at, kind, text })) };
}

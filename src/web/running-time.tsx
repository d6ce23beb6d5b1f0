import { useInterval } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { formatDuration } from './format.ts';
import { useServerClock } from './server-clock.ts';

/** Twice a second, so that no second is seen to be skipped. */
const TICK_MS = 500;

/**
 * Time since `since`, by the server's clock: an agent's wrong clock does not show. Stands still without a connection,
 * as does all that is on the page.
 */
export function RunningTime({ since, className }: { since: number; className?: string }) {
  const { offsetMs, isLive } = useServerClock();
  const [nowMs, setNowMs] = useState(() => performance.now());
  const { start, stop } = useInterval(() => setNowMs(performance.now()), TICK_MS);
  useEffect(() => {
    if (isLive) start();
    return stop;
  }, [isLive, start, stop]);
  const text = formatDuration(nowMs + offsetMs - since);
  return (
    <span role="timer" className={className}>
      {text}
    </span>
  );
}

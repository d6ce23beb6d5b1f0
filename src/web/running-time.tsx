import { useInterval } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useDeskState } from './desk-context.ts';
import { formatDuration } from './format.ts';

/** Twice a second, so that no second is seen to be skipped. */
const TICK_MS = 500;

/** Time since `since`, by the server's clock: an agent's wrong clock does not show. */
export function RunningTime({ since, className }: { since: number; className?: string }) {
  const { serverOffsetMs } = useDeskState();
  const [nowMs, setNowMs] = useState(() => performance.now());
  const { start, stop } = useInterval(() => setNowMs(performance.now()), TICK_MS);
  useEffect(() => {
    start();
    return stop;
  }, [start, stop]);
  const text = formatDuration(nowMs + serverOffsetMs - since);
  return (
    <span role="timer" className={className}>
      {text}
    </span>
  );
}

import { createContext, useContext } from 'react';

/** The server’s clock, as the last message told it. */
export interface ServerClock {
  /** Server’s milliseconds since 1970 minus this page’s `performance.now()`. */
  offsetMs: number;
  /** False while there is no connection: then nothing on the page moves. */
  isLive: boolean;
}

export const ServerClockContext = createContext<ServerClock>({ offsetMs: 0, isLive: false });
export const useServerClock = (): ServerClock => useContext(ServerClockContext);

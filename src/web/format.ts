/** `+13155550100` → `+1 315 555 0100`; other countries' numbers stay as they are. */
export function formatPhone(e164: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  return match ? `+1 ${match[1]} ${match[2]} ${match[3]}` : e164;
}

/** `482913` → `482 913`: easier to read out and to key. */
export const formatCode = (code: string): string => code.replace(/(\d{3})(?=\d)/g, '$1 ');

const two = (value: number) => String(value).padStart(2, '0');

export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

const wholes = new Intl.NumberFormat();
/** `100000` → `100,000`, as this browser's language has it. */
export const formatCount = (count: number): string => wholes.format(count);

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
export const formatTime = (at: number): string => clock.format(at);

/** The time of today, the day of any other. */
export const formatWhen = (at: number): string =>
  at >= midnight() ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;

/** Where this agent’s day began, in milliseconds since 1970. */
export const midnight = (): number => new Date().setHours(0, 0, 0, 0);

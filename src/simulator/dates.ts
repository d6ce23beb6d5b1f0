/** RFC 2822 as Twilio writes it, in REST bodies and in `Timestamp`: `Sun, 27 Jan 2019 16:48:58 +0000`. */
export function rfc2822(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(ms).toUTCString().replace('GMT', '+0000');
  }
  return lastText;
}

// Many requests of one second ask for the same text.
let lastSecond = Number.NaN;
let lastText = '';

export function rfc2822OrNull(ms: number | null): string | null {
  return ms === null ? null : rfc2822(ms);
}

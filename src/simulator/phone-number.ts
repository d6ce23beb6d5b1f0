/** E.164 with the + sign, as Twilio writes numbers; null when it does not look like a telephone number. */
export function normalizeNumber(text: string): string | null {
  const digits = text.replaceAll(/[\s().-]/g, '');
  if (/^\+[1-9]\d{6,14}$/.test(digits)) return digits;
  // Twilio takes a bare US number as one.
  if (/^1?[2-9]\d{9}$/.test(digits)) return `+1${digits.slice(-10)}`;
  return null;
}

/** `to_formatted`: (315) 555-0100 for North America, the number itself elsewhere. */
export function formatNumber(number: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : number;
}

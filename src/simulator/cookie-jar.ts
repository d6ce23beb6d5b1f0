interface Cookie {
  readonly value: string;
  readonly path: string;
  readonly expiresAt: number | null;
}

/** Cookies that one application sets during one call: Twilio keeps them for that call and sends them back. */
export class CookieJar {
  readonly #byHost = new Map<string, Map<string, Cookie>>();

  store(url: string, setCookie: string | readonly string[] | undefined, nowMs: number): void {
    if (setCookie === undefined) return;
    const host = new URL(url).host;
    const cookies = this.#byHost.get(host) ?? new Map<string, Cookie>();
    this.#byHost.set(host, cookies);
    for (const line of typeof setCookie === 'string' ? [setCookie] : setCookie) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const equals = pair.indexOf('=');
      if (equals < 1) continue;
      cookies.set(pair.slice(0, equals), {
        value: pair.slice(equals + 1),
        path: attributeOf(attributes, 'path') ?? '/',
        expiresAt: expiry(attributes, nowMs),
      });
    }
  }

  header(url: string, nowMs: number): string | null {
    if (this.#byHost.size === 0) return null;
    const { host, pathname } = new URL(url);
    const cookies = this.#byHost.get(host);
    if (!cookies) return null;
    const pairs = [...cookies]
      .filter(
        ([, cookie]) =>
          (cookie.expiresAt === null || cookie.expiresAt > nowMs) &&
          pathname.startsWith(cookie.path),
      )
      .map(([name, cookie]) => `${name}=${cookie.value}`);
    return pairs.length > 0 ? pairs.join('; ') : null;
  }
}

function attributeOf(attributes: readonly string[], name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.toLowerCase().startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function expiry(attributes: readonly string[], nowMs: number): number | null {
  const maxAge = attributeOf(attributes, 'max-age');
  if (maxAge !== undefined) return nowMs + Number(maxAge) * 1000;
  const expires = attributeOf(attributes, 'expires');
  return expires === undefined ? null : Date.parse(expires);
}

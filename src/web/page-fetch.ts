import type { TokenStore } from './tab-store.ts';

/** Asks the server over HTTP, as this page's session: for files, in and out. */
export function pageFetch(
  tokens: TokenStore,
  path: string,
  init: { method: 'GET' | 'POST'; body?: Blob; type?: string },
): Promise<Response> {
  const { method, body, type } = init;
  return fetch(new URL(path, document.baseURI), {
    method,
    ...(body ? { body } : {}),
    headers: {
      authorization: `Bearer ${tokens.read() ?? ''}`,
      ...(body && type ? { 'content-type': type } : {}),
    },
  });
}

/** The token goes in a header, so a plain link would not do. */
export async function saveAs(response: Response, name: string): Promise<void> {
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

import type { RecordedRequest, Recording } from '../../src/replay/recording.ts';

const ORIGIN = 'https://dialer.example.com';

export const requestsOf = ({ entries }: Recording): RecordedRequest[] =>
  entries.filter((entry) => entry.kind === 'request');

const iso = (at: number): string => new Date(at).toISOString();
const encoded = ({ form }: RecordedRequest): string => new URLSearchParams(form ?? {}).toString();

/** The same traffic as four other tools would have written it down. */
export const WRITERS: Record<string, (requests: RecordedRequest[]) => string> = {
  'NDJSON of a proxy, with the body as text': (requests) =>
    requests
      .map((request) =>
        JSON.stringify({
          time: iso(request.at),
          request: { method: 'POST', uri: request.path, headers: {}, body: encoded(request) },
          response: { status: request.answered?.status, body: request.answered?.body },
        }),
      )
      .join('\n'),
  'the request log of the simulated network': (requests) =>
    JSON.stringify(
      requests.map(({ at, path, form, answered }, index) => ({
        id: index + 1,
        at,
        kind: 'anything',
        method: 'POST',
        url: ORIGIN + path,
        params: form,
        headers: { Host: 'dialer.example.com' },
        responseStatus: answered?.status,
        responseBody: answered?.body,
      })),
    ),
  'a HAR file': (requests) =>
    JSON.stringify(
      {
        log: {
          version: '1.2',
          entries: requests.map((request) => ({
            startedDateTime: iso(request.at),
            time: 12,
            request: {
              method: 'POST',
              url: ORIGIN + request.path,
              headers: [{ name: 'User-Agent', value: 'TwilioProxy/1.1' }],
              postData: { mimeType: 'application/x-www-form-urlencoded', text: encoded(request) },
            },
            response: {
              status: request.answered?.status,
              content: { size: request.answered?.bodyBytes, text: request.answered?.body ?? '' },
            },
          })),
        },
      },
      null,
      1,
    ),
  'Twilio’s list of call events, newest first': (requests) =>
    JSON.stringify({
      events: requests.toReversed().map(({ at, path, form, answered }) => ({
        request: { method: 'POST', url: ORIGIN + path, parameters: form },
        response: {
          response_code: answered?.status,
          response_body: answered?.body ?? '',
          date_created: iso(at),
        },
      })),
    }),
};

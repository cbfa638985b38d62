import { request } from 'node:http';

/** Line of a header, as it is sent. */
export type HeaderLine = readonly [name: string, value: string];

/** Sends a GET whose header lines may repeat a name. @returns the status */
export function statusWithLines(base: string, path: string, lines: readonly HeaderLine[]): Promise<number> {
  const url = new URL(path, base);
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: [['Host', url.host], ...lines].flat() }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end();
  });
}

import { createGunzip } from 'node:zlib';
import { createThread, ThreadExceeded, workerEntryUrl } from '../runtime/threads/thread.ts';
import { readUpstreamBody } from './read-body.ts';
import type { IndexAnswer, UpstreamIndex } from './read-index.ts';
import type { Upstream, UpstreamAnswer } from './upstream.ts';
import { shownUrl, UpstreamFault } from './upstream-fault.ts';

/** Validators of an index, as the upstream sent them. */
export interface IndexValidators {
  etag: string | null;
  lastModified: string | null;
}

/** Index as it is now; undefined where it is as before. */
export interface FetchedIndex extends IndexValidators {
  index: UpstreamIndex | undefined;
}

/** Largest index in bytes, without compression: 64 MiB. The index of Bitnami's charts had 20. */
const maxIndexBytes = 64 * 1024 * 1024;

/** Limits of reading one. */
const threadLimits = { timeoutMs: 120_000, maxHeapMib: 1_024 };

/**
 * Fetches the index of a repository, if it has changed.
 * @param known validators of the one that was read before; null for none
 * @throws {UpstreamFault}
 */
export async function fetchIndex(
  upstream: Upstream,
  base: URL,
  known: IndexValidators,
): Promise<FetchedIndex> {
  const url = new URL('index.yaml', base);
  const headers = {
    accept: 'application/yaml, text/yaml, */*;q=0.5',
    'accept-encoding': 'gzip',
    ...(known.etag === null ? {} : { 'if-none-match': known.etag }),
    ...(known.lastModified === null ? {} : { 'if-modified-since': known.lastModified }),
  };
  const fetched = await upstream.get(url, headers, async (answer) => {
    if (answer.status === 304) return { ...known, bytes: undefined };
    const { etag, 'last-modified': lastModified } = answer.headers;
    return {
      etag: headerTextOf(etag),
      lastModified: headerTextOf(lastModified),
      bytes: await readIndexBody(answer, url),
    };
  });
  const { bytes, ...validators } = fetched;
  return { ...validators, index: bytes && (await parseIndexInThread(bytes, url)) };
}

function headerTextOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header.length <= 1_024 ? header : null;
}

async function readIndexBody({ headers, body }: UpstreamAnswer, url: URL): Promise<Buffer> {
  const isPacked = headers['content-encoding'] === 'gzip';
  const decoded = isPacked ? body.pipe(createGunzip()) : body;
  // An error of the connection does not pass a pipe by itself.
  if (isPacked) body.once('error', (error) => decoded.destroy(error));
  const bytes = await readUpstreamBody(decoded, maxIndexBytes);
  if (bytes) return bytes;
  throw new UpstreamFault(
    'upstream.invalid',
    `${shownUrl(url)} has over ${maxIndexBytes} bytes, the limit here.`,
  );
}

async function parseIndexInThread(bytes: Buffer, url: URL): Promise<UpstreamIndex> {
  const thread = createThread<Buffer, IndexAnswer>({
    file: workerEntryUrl(import.meta.url, 'index-thread'),
    ...threadLimits,
  });
  try {
    const answer = await thread.call(bytes);
    if (!('fault' in answer)) return answer;
    throw new UpstreamFault('upstream.invalid', `${shownUrl(url)} ${answer.fault}.`);
  } catch (error) {
    if (!(error instanceof ThreadExceeded)) throw error;
    throw new UpstreamFault('upstream.invalid', `${shownUrl(url)} takes ${error.message} to read.`);
  } finally {
    await thread.close();
  }
}

import { z } from 'zod';
import { readUpstreamBody } from '../read-body.ts';
import type { Upstream } from '../upstream.ts';
import { shownUrl, UpstreamFault } from '../upstream-fault.ts';
import { parseJson } from './parse-json.ts';

/** Bounds of a list, so that one without an end ends here. */
const bounds = { pages: 1_000, items: 200_000, pageBytes: 8 * 1024 * 1024 };

/** Question for a list of an OCI registry. */
export interface ListQuestion<Item> {
  url: URL;
  scope: string;
  /** Key of the items in each page. */
  key: string;
  /** Picks what is kept of an item, which may be of any kind and size; undefined for nothing. */
  pick(item: unknown): Item | undefined;
}

/**
 * Reads a list of an OCI registry page by page. The header `Link` leads to the next (RFC 8288).
 * @returns undefined where there is no such list
 * @throws {UpstreamFault} also where a further page is missing or elsewhere: what is listed would not be all
 */
export async function readPagedList<Item>(
  upstream: Upstream,
  { url: first, pick, ...question }: ListQuestion<Item>,
): Promise<Item[] | undefined> {
  const items: Item[] = [];
  const visited = new Set<string>();
  let listed = 0;
  for (let url: URL | undefined = first; url; ) {
    if (visited.has(url.href) || visited.size >= bounds.pages) throw endlessListFault(first);
    visited.add(url.href);
    const page: Page | undefined = await readPage(upstream, { url, ...question }).catch((error: unknown) => {
      const isMissing = error instanceof UpstreamFault && error.code === 'upstream.missing';
      if (isMissing && visited.size === 1) return undefined;
      throw error;
    });
    if (!page) return undefined;
    listed += page.items.length;
    if (listed > bounds.items) throw endlessListFault(first);
    // Only what is picked stays in memory: the pages of a list may have gigabytes.
    for (const item of page.items) {
      const picked = pick(item);
      if (picked !== undefined) items.push(picked);
    }
    url = page.next;
  }
  return items;
}

function endlessListFault(url: URL): UpstreamFault {
  return new UpstreamFault('upstream.invalid', `${shownUrl(url)} has no end, or more than is read here.`);
}

interface Page {
  items: unknown[];
  next: URL | undefined;
}

function readPage(
  upstream: Upstream,
  { url, scope, key }: Omit<ListQuestion<unknown>, 'pick'>,
): Promise<Page> {
  const headers = { accept: 'application/json, */*;q=0.5', 'accept-encoding': 'identity' };
  return upstream.get(
    url,
    headers,
    async (answer) => {
      const bytes = await readUpstreamBody(answer.body, bounds.pageBytes);
      const page = z
        .looseObject({ [key]: z.array(z.unknown()).nullable() })
        .safeParse(bytes && parseJson(bytes));
      if (!page.success)
        throw new UpstreamFault('upstream.invalid', `${shownUrl(url)} is not a list of ${key}.`);
      return { items: page.data[key] ?? [], next: findNextPageUrl(url, answer.headers.link) };
    },
    { scope },
  );
}

/** Finds the URL of the next page. Behind a proxy a registry may name its own scheme, which is not followed. */
function findNextPageUrl(url: URL, link: string | string[] | undefined): URL | undefined {
  const [, target] = /<([^<>]*)>\s*;[^,<]*\brel="?next\b/i.exec([link ?? ''].flat().join(', ')) ?? [];
  if (target === undefined) return undefined;
  const next = URL.canParse(target, url.href) ? new URL(target, url.href) : undefined;
  // A path that begins with two slashes would name another host.
  if (next?.host === url.host && !next.pathname.startsWith('//'))
    return new URL(`${next.pathname}${next.search}`, url.origin);
  throw new UpstreamFault(
    'upstream.invalid',
    `${shownUrl(url)} has its next page on another host: it is not fetched.`,
  );
}

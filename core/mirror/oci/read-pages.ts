import { z } from 'zod';
import { readUpstreamBody } from '../read-body.ts';
import type { Upstream } from '../upstream.ts';
import { shownUrl, UpstreamFault } from '../upstream-fault.ts';
import { parseJson } from './parse-json.ts';

/** Bounds of a list, so that one without an end ends here. */
const bounds = { pages: 1_000, items: 200_000, pageBytes: 8 * 1024 * 1024 };

/** Question for a list of an OCI registry. */
export interface ListQuestion {
  url: URL;
  scope: string;
  /** Key of the items in each page. */
  key: string;
}

/**
 * Reads a list of an OCI registry page by page. The header `Link` leads to the next (RFC 8288).
 * @returns undefined where there is no such list
 * @throws {UpstreamFault} also where a further page is missing or elsewhere: what is listed would not be all
 */
export async function readPages(
  upstream: Upstream,
  { url: first, scope, key }: ListQuestion,
): Promise<unknown[] | undefined> {
  const items: unknown[] = [];
  const visited = new Set<string>();
  for (let url: URL | undefined = first; url; ) {
    if (visited.has(url.href) || visited.size >= bounds.pages || items.length > bounds.items)
      throw new UpstreamFault(
        'upstream.invalid',
        `${shownUrl(first)} has no end, or more than is read here.`,
      );
    visited.add(url.href);
    const page: Page | undefined = await readPage(upstream, { url, scope, key }).catch((error: unknown) => {
      const isMissing = error instanceof UpstreamFault && error.code === 'upstream.missing';
      if (isMissing && visited.size === 1) return undefined;
      throw error;
    });
    if (!page) return undefined;
    items.push(...page.items);
    url = page.next;
  }
  return items;
}

interface Page {
  items: unknown[];
  next: URL | undefined;
}

function readPage(upstream: Upstream, { url, scope, key }: ListQuestion): Promise<Page> {
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
        throw new UpstreamFault('upstream.invalid', `${shownUrl(url)} is no list of ${key}.`);
      return { items: page.data[key] ?? [], next: findNext(url, answer.headers.link) };
    },
    { scope },
  );
}

/** Finds the URL of the next page. Behind a proxy a registry may name its own scheme, which is not followed. */
function findNext(url: URL, link: string | string[] | undefined): URL | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec([link ?? ''].flat().join(', ')) ?? [];
  if (target === undefined) return undefined;
  const next = URL.canParse(target, url.href) ? new URL(target, url.href) : undefined;
  if (next?.host === url.host) return new URL(`${next.pathname}${next.search}`, url.origin);
  throw new UpstreamFault(
    'upstream.invalid',
    `${shownUrl(url)} has its next page elsewhere: it is not asked.`,
  );
}

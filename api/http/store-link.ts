import type { Context as HonoContext } from 'hono';
import type { BlobStore, Digest } from '../../core/blobs/port.ts';
import { registryBaseUrl } from '../access/client-address.ts';
import { actorOf } from '../access/route-access.ts';
import type { Env } from './env.ts';

/**
 * Makes the link to which a download is redirected, where the store can sign links.
 * @returns undefined where the registry should send the bytes itself
 */
export async function linkToStore(
  c: HonoContext<Env>,
  blobs: BlobStore,
  digest: Digest,
  options: { filename: string; contentType: string },
): Promise<string | undefined> {
  // Some stores ignore If-Range and none knows the registry's ETags, so the client could join parts of two blobs.
  if (!blobs.link || c.req.method === 'HEAD' || c.req.header('if-range') !== undefined) return undefined;
  const link = await blobs.link(digest, options);
  return wouldShowCredentials(c, link) ? undefined : link;
}

/**
 * Whether a client that follows a link would show its credentials to the store. The client of Go, and so Helm's, sends
 * `Authorization` on to any port of the host and to its subdomains. A browser sends cookies to any port of the host.
 */
function wouldShowCredentials(c: HonoContext<Env>, link: string): boolean {
  if (!actorOf(c).guarded) return false;
  const hasCredentials = c.req.header('authorization') !== undefined || c.req.header('cookie') !== undefined;
  return hasCredentials && areRelated(new URL(registryBaseUrl(c)).hostname, new URL(link).hostname);
}

/** Whether two hosts are the same, or one is a subdomain of the other. */
export function areRelated(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}

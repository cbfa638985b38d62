import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../../core/config/settings.ts';

/** Tells whether a request comes from a page that is not the registry's own. */
export type ForeignOriginCheck = (
  headers: Pick<IncomingHttpHeaders, 'origin' | 'sec-fetch-site'>,
  host: string | undefined,
) => boolean;

/**
 * Creates the check of where a write comes from, under any content type. A page of any site can have a browser send
 * one. Browsers name the page's origin (Fetch standard, `Origin`) and how it relates to the address (Fetch Metadata,
 * `Sec-Fetch-Site`); programs send neither.
 * - An origin must be that of `PUBLIC_URL`, the host and port that the client addressed, or a host of `ALLOWED_HOSTS`
 *   at its scheme's port. `null`, of files, sandboxes and hidden referrers, is foreign.
 * - Without an origin, a browser must vouch for the same origin. Of the same *site* are all subdomains of a domain and
 *   all ports of a machine, so such a page is foreign too.
 */
export function createForeignOriginCheck({
  publicUrl,
  allowedHosts,
}: Pick<Config, 'publicUrl' | 'allowedHosts'>): ForeignOriginCheck {
  const publicSite = publicUrl === '' ? undefined : new URL(publicUrl);
  const allowedHostnames = new Set(allowedHosts);

  return ({ origin, 'sec-fetch-site': site }, host) => {
    if (origin === undefined) return site !== undefined && !ownSites.has(String(site));
    if (!URL.canParse(origin)) return true;
    const page = new URL(origin);
    // A page of the same host by plain HTTP may be anybody's in between.
    if (page.host === publicSite?.host) return page.origin !== publicSite.origin;
    return !isSameHost(page, host) && !(allowedHostnames.has(page.hostname) && page.port === '');
  };
}

/** Relations of a page to the address in which it is the registry's own, or the request is the user's. */
const ownSites: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** Compares host and port; a port that the scheme implies may be missing. */
function isSameHost(page: URL, host: string | undefined): boolean {
  const url = `${page.protocol}//${host}`;
  return host !== undefined && page.host !== '' && URL.canParse(url) && new URL(url).host === page.host;
}

import { findGlobFault, isPlainName } from '../access/chart-globs.ts';
import { repositoryPattern } from '../oci/names.ts';
import { parseConstraint } from '../semver/constraint.ts';
import { findUrlFault } from '../webhooks/callback.ts';
import type { AddressGuard } from '../webhooks/guard.ts';
import { checkUrl, invalidMirrorError } from './check-url.ts';
import { isOci, ociUrlOf, webUrlOf } from './endpoint.ts';
import type { MirrorCredentials, MirrorSettings } from './settings.ts';

/** Mirror as a request wants it; absent settings have their defaults. */
export type WantedMirror = { [Name in keyof MirrorSettings]?: MirrorSettings[Name] | undefined } & {
  url: string;
  /** Minutes between two runs; null for a mirror that runs on request only. */
  every?: number | null | undefined;
  /** Absent to keep those that there are, if the URL has the same scheme, host and port; null for none. */
  credentials?: MirrorCredentials | null | undefined;
};

/** Largest number of names of charts of an OCI registry, which need not list its repositories then. */
const maxNames = 500;

/**
 * Checks what a request wants of a mirror.
 * @returns the URL in its normal form, with a slash at its end: of the folder that has index.yaml, or of charts in an OCI
 *   registry
 * @throws {RegistryError} `mirror.invalid` with the pointer of the value at fault, which is not shown
 */
export function checkMirror(wanted: WantedMirror, guard: AddressGuard): string {
  const { range, prune, mostPruned } = wanted;
  const url = isOci(wanted.url) ? checkOciRegistry(wanted, guard) : checkChartRepository(wanted, guard);
  if (range !== undefined && !parseConstraint(range))
    throw invalidMirrorError(
      '/range',
      'The range cannot be read. Give one as in Chart.yaml, such as ">=1.2.0 <2".',
    );
  if (mostPruned !== undefined && prune !== true)
    throw invalidMirrorError('/mostPruned', '/mostPruned has an effect with "prune": true alone.');
  return url;
}

function checkChartRepository(
  { url: text, charts, credentials, plainHttp }: WantedMirror,
  guard: AddressGuard,
): string {
  const globFault = charts && findGlobFault(charts);
  if (globFault !== undefined) throw invalidMirrorError('/charts', globFault);
  const url = checkUrl(text, guard);
  if (plainHttp === true)
    throw invalidMirrorError(
      '/plainHttp',
      '/plainHttp is for oci:// alone: begin the URL with http:// instead.',
    );
  if (credentials?.realm !== undefined)
    throw invalidMirrorError(
      '/credentials/realm',
      'Chart repositories have no token service: the URL must be oci://.',
    );
  url.pathname = `${url.pathname.replace(/\/index\.yaml$/, '').replace(/\/+$/, '')}/`;
  return url.href;
}

function checkOciRegistry({ url: text, charts, ...wanted }: WantedMirror, guard: AddressGuard): string {
  const globFault = charts && findGlobFault(charts, maxNames);
  if (globFault !== undefined) throw invalidMirrorError('/charts', globFault);
  const isPossible = (glob: string) => !isPlainName(glob) || repositoryPattern.test(glob);
  if (charts && !charts.every(isPossible))
    throw invalidMirrorError(
      '/charts',
      'A name in charts is none that a chart in an OCI registry can have, in lower case.',
    );
  const url = checkUrl(webUrlOf(text, wanted.plainHttp), guard);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/`;
  const path = url.pathname.slice(1, -1);
  if (path !== '' && !repositoryPattern.test(path))
    throw invalidMirrorError(
      '/url',
      'The URL must be oci://HOST/PATH, in lower case; charts are below its path.',
    );
  checkRealm(wanted.credentials?.realm, url, guard);
  return ociUrlOf(url);
}

function checkRealm(realm: string | undefined, { protocol }: URL, guard: AddressGuard): void {
  if (realm === undefined) return;
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (!url || (url.protocol !== 'https:' && (url.protocol !== 'http:' || protocol !== 'http:')))
    throw invalidMirrorError(
      '/credentials/realm',
      'The token service must be a URL, such as https://auth.example.com.',
    );
  const fault = findUrlFault(url, guard);
  if (fault !== undefined)
    throw invalidMirrorError('/credentials/realm', `The address of the token service ${fault}`);
}

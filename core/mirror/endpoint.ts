/** Scheme of charts in an OCI registry. */
const ociScheme = 'oci://';

/** Whether the upstream of a mirror is an OCI registry. */
export function isOci(url: string): boolean {
  return url.startsWith(ociScheme);
}

/**
 * Finds where requests to an upstream go. The place is the upstream's URL, and for `oci://HOST/PATH` the same host and
 * path over https.
 * @param plainHttp whether requests to an OCI registry go without encryption
 */
export function endpointOf(url: string, plainHttp = false): URL {
  return new URL(webUrlOf(url, plainHttp));
}

/** Writes the URL of an upstream with a scheme of the web. */
export function webUrlOf(url: string, plainHttp = false): string {
  return isOci(url) ? `${plainHttp ? 'http' : 'https'}://${url.slice(ociScheme.length)}` : url;
}

/** Names the place that credentials are for: kind, scheme, host and port. */
export function credentialPlaceOf(url: string, plainHttp = false): string {
  return `${isOci(url) ? 'OCI registry' : 'chart repository'} ${endpointOf(url, plainHttp).origin}`;
}

/** Makes the URL of charts in an OCI registry. @param endpoint of the kind that `endpointOf` makes */
export function ociUrlOf({ host, pathname }: URL): string {
  return `${ociScheme}${host}${pathname}`;
}

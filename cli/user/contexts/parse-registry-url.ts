import { usageError } from '../command-error.ts';

/**
 * Reads the address of a registry. Without a scheme it is https, on loopback http.
 * @returns the address without a slash at its end
 * @throws {CommandError} for what is not an address, or has credentials
 */
export function parseRegistryUrl(text: string): string {
  const withScheme = /^[a-z]+:\/\//i.test(text)
    ? text
    : `${isLoopback(hostOf(text)) ? 'http' : 'https'}://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw usageError(
      `${JSON.stringify(text)} is not the address of a registry, such as https://charts.example.com`,
    );
  // The message must not repeat them.
  if (url.username !== '' || url.password !== '')
    throw usageError('the address must have no credentials: they would stay in the history of the shell');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Whether an address is safe for credentials: by TLS, or on this machine. Others get none without a warning. */
export function isProtectedUrl(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname);
}

function hostOf(text: string): string {
  return URL.canParse(`http://${text}`) ? new URL(`http://${text}`).hostname : '';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

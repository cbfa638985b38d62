/**
 * Tells whether a host means this machine for every resolver (RFC 6761 section 6.3). The host is written as in a URL
 * or in `LISTEN`.
 */
export function isLoopbackHost(host: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

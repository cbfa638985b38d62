import { isIP } from 'node:net';
import { RegistryError } from '../errors.ts';
import type { AddressGuard } from './guard.ts';
import { isStandardSecret } from './sign.ts';

/** Longest URL of a callback, in characters. */
const maxUrlLength = 2048;

/** Callback of a recipe: the receiver that is called when the job ends. */
export interface Callback {
  url: string;
  secret?: string | undefined;
}

/**
 * Checks a recipe's callback before the job is accepted. A literal address that may not be called is refused
 * here. The addresses of a name are checked when connecting, since they may change until then.
 * @returns the callback with its URL in normal form
 * @throws {RegistryError} `callback.invalid` with the pointer of the wrong key
 */
export function checkCallback(callback: Callback, guard: AddressGuard): Callback {
  const url = parseCallbackUrl(callback.url);
  if (typeof url === 'string') throw invalidCallbackError('url', `The callback's URL ${url}.`);
  const urlFault = findUrlFault(url, guard);
  if (urlFault !== undefined) throw invalidCallbackError('url', `The callback's address ${urlFault}`);
  const { secret } = callback;
  if (secret === undefined) return { url: url.href };
  const secretFault = findSecretFault(secret);
  if (secretFault !== undefined) throw invalidCallbackError('secret', `The callback's secret ${secretFault}`);
  return { url: url.href, secret };
}

/** Finds out why an address may not be called. @returns the fault as the end of a sentence; undefined for a good one */
export function findUrlFault(url: URL, guard: AddressGuard): string | undefined {
  if (mayCall(url, guard)) return undefined;
  return 'is loopback, private or otherwise not public, and this registry is not set to call it: its setting WEBHOOK_ALLOW says which of these it may call.';
}

/** Finds out why a secret cannot sign. @returns the fault as the end of a sentence; undefined for a good one */
export function findSecretFault(secret: string): string | undefined {
  if (isStandardSecret(secret)) return undefined;
  return 'is none that the libraries of Standard Webhooks can use: give `whsec_` and 24 to 64 random bytes as base64, as `echo whsec_$(openssl rand -base64 32)` prints them.';
}

/** Names that always mean the machine itself (RFC 6761 section 6.3). */
const loopbackNamePattern = /(?:^|\.)localhost\.?$/;

function mayCall({ hostname }: URL, guard: AddressGuard): boolean {
  if (loopbackNamePattern.test(hostname)) return guard('127.0.0.1') || guard('::1');
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 || guard(address);
}

/** Parses a URL to call. @returns the URL, or the fault as the end of a sentence, which never quotes the text */
export function parseCallbackUrl(text: string, base?: string): URL | string {
  if (text.length > maxUrlLength) return `has ${text.length} characters; at most ${maxUrlLength} are allowed`;
  if (!URL.canParse(text, base)) return 'cannot be read; give a whole one, such as https://example.com/hook';
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  if (url.username !== '' || url.password !== '') {
    return 'must not carry a user name or password; sign the calls with a secret instead';
  }
  return url;
}

function invalidCallbackError(key: 'url' | 'secret', message: string): RegistryError {
  return new RegistryError('callback.invalid', message, { pointer: `/callback/${key}` });
}

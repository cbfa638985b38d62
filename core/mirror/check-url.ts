import { RegistryError } from '../errors.ts';
import { findUrlFault } from '../webhooks/callback.ts';
import type { AddressGuard } from '../webhooks/guard.ts';

/** Longest URL of an upstream, in characters. */
const maxUrlLength = 1024;

/**
 * Checks the URL of an upstream. `oci://` has been replaced by a scheme of the web before.
 * @param text with a scheme of the web
 * @throws {RegistryError} `mirror.invalid`
 */
export function checkUrl(text: string, guard: AddressGuard): URL {
  if (text.length > maxUrlLength || !URL.canParse(text))
    throw invalidMirrorError(
      '/url',
      'The URL cannot be read. Give a whole one, such as https://charts.example.com/stable or oci://registry.example.com/charts.',
    );
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw invalidMirrorError(
      '/url',
      'The URL must not carry a user name or password: send them as /credentials.',
    );
  if (url.search !== '' || url.hash !== '')
    throw invalidMirrorError('/url', 'The URL must have neither ? nor #: give the folder of the charts.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalidMirrorError('/url', 'The URL must begin with http://, https:// or oci://.');
  const fault = findUrlFault(url, guard);
  if (fault !== undefined) throw invalidMirrorError('/url', `The address of the upstream ${fault}`);
  return url;
}

/** Makes the error for a mirror that is not accepted. */
export function invalidMirrorError(pointer: string, message: string): RegistryError {
  return new RegistryError('mirror.invalid', message, { pointer });
}

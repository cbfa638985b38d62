import * as client from 'openid-client';
import { RegistryError } from '../errors.ts';
import type { Log } from '../runtime/log.ts';
import { markRefusal } from './refusals.ts';

/** Turns a failure into an error for the page. Its causes hold codes and tokens, so only its message is logged. */
export function toOidcLoginError(error: unknown, log: Pick<Log, 'warn'>): RegistryError {
  const isRefused =
    error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError;
  const reason = isRefused ? error.error : error instanceof Error ? error.message : 'unknown';
  log.warn({ reason: reason.slice(0, 200) }, 'a log-in at the provider failed');
  if (isRefused)
    return unauthenticatedError('The provider refused the log-in. Log in again, or ask its administrators.');
  if (!isUnreachableProviderError(error)) {
    return unauthenticatedError(
      'The response of the provider could not be verified. Log in again; the log of the registry says more.',
    );
  }
  return new RegistryError(
    'service.unavailable',
    'The provider of identities cannot be reached right now. Try again in a moment.',
  );
}

function unauthenticatedError(message: string): RegistryError {
  return markRefusal(new RegistryError('access.unauthenticated', message), {});
}

/** Whether the provider could not be reached, or answered with something else than documents. */
function isUnreachableProviderError(error: unknown): boolean {
  if (error instanceof TypeError) return error.cause !== undefined;
  return error instanceof client.ClientError && unreachableErrorCodes.has(error.code);
}

const unreachableErrorCodes: ReadonlySet<string | undefined> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);

import { RegistryError } from '../errors.ts';
import { isStorageFull } from '../runtime/storage-full.ts';
import { isRefusedAddressError } from '../webhooks/connect.ts';
import { shownUrl, UpstreamFault } from './upstream-fault.ts';

/** Longest request in milliseconds, its body included. */
export const maxRequestMs = 600_000;

/** Longest time in milliseconds in which a run asks its upstream: six hours. */
export const maxRunMs = 6 * 3_600_000;

/** Makes the fault of a run that has asked its upstream for `maxRunMs`. */
export function runTooLongFault(): UpstreamFault {
  return new UpstreamFault('mirror.tooLong', 'The run took six hours; the next one goes on.');
}

/** Makes the fault of an upstream that wants fewer requests. */
export function busyUpstreamFault(origin: string, retryAt: number): UpstreamFault {
  const message = `${origin} wants fewer requests, and no more before ${new Date(retryAt).toISOString()}.`;
  return new UpstreamFault('upstream.busy', message, retryAt);
}

/** Makes the fault of an answer that has not what was asked for. */
export function faultOfStatus(status: number, url: URL): UpstreamFault {
  const answered = `${shownUrl(url)} answered ${status}`;
  if (status === 404 || status === 410) return new UpstreamFault('upstream.missing', `${answered}.`);
  if (status === 401 || status === 403)
    return new UpstreamFault('upstream.denied', `${answered}: check the credentials of the mirror.`);
  return new UpstreamFault(status >= 500 ? 'upstream.unavailable' : 'upstream.invalid', `${answered}.`);
}

/** Whether an error is of the disk of the registry, on which the answer is stored. */
function isOwnDiskError(error: unknown): boolean {
  const codes = ['EMFILE', 'ENFILE', 'EROFS', 'EACCES', 'EIO'];
  return (
    isStorageFull(error) || (error instanceof Error && 'code' in error && codes.includes(String(error.code)))
  );
}

/** Turns failures of the network into faults. Those of reading, such as too large an archive, stay. */
export function explainNetworkFailure(error: unknown, url: URL): unknown {
  if (error instanceof UpstreamFault || error instanceof RegistryError || isOwnDiskError(error)) return error;
  if (isRefusedAddressError(error))
    return new UpstreamFault(
      'upstream.forbidden',
      `${url.origin} is not public, and this registry is not set to call it: its setting WEBHOOK_ALLOW says which it may.`,
    );
  if (error instanceof Error && error.name === 'TimeoutError')
    return new UpstreamFault(
      'upstream.invalid',
      `${shownUrl(url)} takes more than ${maxRequestMs / 60_000} minutes.`,
    );
  if (!(error instanceof Error) || !('code' in error)) return error;
  return new UpstreamFault(
    'upstream.unavailable',
    `${shownUrl(url)} could not be read: ${String(error.code)}.`,
  );
}

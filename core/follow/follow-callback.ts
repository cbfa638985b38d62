import type { Sealer } from '../access/sealer.ts';
import { RegistryError } from '../errors.ts';
import { callbackAddressContext, openAddress } from '../webhooks/addresses.ts';
import type { Callback } from '../webhooks/callback.ts';
import { openCallbackSecret } from '../webhooks/callback-secrets.ts';
import type { ClaimedFollowRun } from './claimed-run.ts';

/**
 * Opens the callback of a follow, to be sealed for a job of it.
 * @returns undefined where it has none
 * @throws {RegistryError} `callback.invalid` where its address or secret cannot be opened
 */
export async function openCallback(
  sealer: Sealer,
  { callbackUrl, callbackSecret, callbackRow }: ClaimedFollowRun,
): Promise<Callback | undefined> {
  if (callbackUrl === null) return undefined;
  const address = await openAddress(sealer, callbackUrl, callbackAddressContext(callbackRow ?? ''));
  if (address.kind !== 'opened') throw unopenedError('address');
  const url = address.text;
  if (callbackSecret === null || callbackRow === null) return { url };
  const opened = await openCallbackSecret(sealer, callbackRow, callbackSecret);
  if (opened.kind === 'opened') return { url, secret: opened.text };
  throw unopenedError('secret');
}

function unopenedError(part: 'address' | 'secret'): RegistryError {
  return new RegistryError(
    'callback.invalid',
    `The ${part} of the follow's callback cannot be opened with the keys of this registry. Set the follow again, with its callback.`,
  );
}

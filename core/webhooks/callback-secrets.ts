import { isSealed, type OpenedSecret, type SealContext, type Sealer } from '../access/sealer.ts';
import type { Queryable } from '../db/port.ts';
import { callbackAddressContext, sealAddressIfOpenable } from './addresses.ts';
import type { Callback } from './callback.ts';

/** Callback as rows have it, with its address and secret sealed. */
export interface SealedCallback {
  /** Address as `openAddress` opens it. */
  url: string;
  sealedSecret: string | undefined;
}

/** Makes the context of a callback's secret. A job and its delivery share it, so that the sealed text is copied as it is. */
export function callbackContext(jobId: string): SealContext {
  return { purpose: 'callback secret', row: jobId };
}

/** Makes the context of the secrets of a webhook of a space. */
export function webhookContext(webhookId: string): SealContext {
  return { purpose: 'webhook secret', row: webhookId };
}

/** Seals the address and the secret of a callback for its job. */
export async function sealCallback(
  deps: { db: Queryable; sealer: Sealer },
  jobId: string,
  { url, secret }: Callback,
): Promise<SealedCallback> {
  return {
    url: await sealAddressIfOpenable(deps, url, callbackAddressContext(jobId)),
    sealedSecret: secret === undefined ? undefined : deps.sealer.seal(secret, callbackContext(jobId)),
  };
}

/** Opens the secret of a callback, as a row of its job has it. */
export function openCallbackSecret(sealer: Sealer, jobId: string, stored: string): Promise<OpenedSecret> {
  return openStoredSecret(sealer, callbackContext(jobId), stored);
}

/** Opens a secret as a row has it. Earlier releases wrote those of callbacks in clear. */
export async function openStoredSecret(
  sealer: Sealer,
  context: SealContext,
  stored: string,
): Promise<OpenedSecret> {
  const isClear = context.purpose === 'callback secret' && !isSealed(stored);
  return isClear ? { kind: 'opened', text: stored } : sealer.open(stored, context);
}

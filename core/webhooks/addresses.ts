import { isSealed, type OpenedSecret, type SealContext, type Sealer } from '../access/sealer.ts';
import type { Queryable } from '../db/port.ts';
import { deadAfterSeconds } from '../jobs/live-workers.ts';
import { maskUrl, maskUrlPath } from './mask-url.ts';

/** Makes the context of a callback's address. A job and its delivery share it. */
export function callbackAddressContext(jobId: string): SealContext {
  return { purpose: 'callback address', row: jobId };
}

/** Makes the context of the address of a webhook of a space. */
export function webhookAddressContext(webhookId: string): SealContext {
  return { purpose: 'webhook address', row: webhookId };
}

/**
 * Seals an address, whose path or query may be a secret. Rows have `https://SEALED@HOST/***`: the whole address is the
 * user name, which no address to call has. Programs that cannot open it show its host, and refuse to call it.
 */
export function sealAddress(sealer: Sealer, url: string, context: SealContext): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${sealer.seal(url, context)}@${host}/***`;
}

/**
 * Seals an address if each live worker can open it. A worker of the last release cannot: while one lives, addresses
 * are stored in clear, and the next `migrate` seals them.
 */
export async function sealAddressIfOpenable(
  { db, sealer }: { db: Queryable; sealer: Sealer },
  url: string,
  context: SealContext,
): Promise<string> {
  return (await canWorkersOpenAddresses(db)) ? sealAddress(sealer, url, context) : url;
}

/** Finds out whether all live workers can open sealed addresses. */
export async function canWorkersOpenAddresses(db: Queryable): Promise<boolean> {
  const older = await db.query(
    'SELECT FROM workers WHERE seen_at > now() - make_interval(secs => $1) AND NOT opens_addresses LIMIT 1',
    [deadAfterSeconds],
  );
  return older.length === 0;
}

/** Opens an address as a row has it. One in clear is its own text. */
export async function openAddress(
  sealer: Sealer,
  stored: string,
  context: SealContext,
): Promise<OpenedSecret> {
  const sealed = URL.canParse(stored) ? new URL(stored).username : '';
  return isSealed(sealed) ? sealer.open(sealed, context) : { kind: 'opened', text: stored };
}

/**
 * Makes what is shown of an address as a row has it. Only its host is known where the key is missing.
 * @param mask makes it of the address in clear
 */
export async function maskStoredAddress(
  sealer: Sealer,
  stored: string,
  context: SealContext,
  mask = maskUrl,
): Promise<string> {
  const opened = await openAddress(sealer, stored, context);
  return opened.kind === 'opened' ? mask(opened.text) : maskUrlPath(stored);
}

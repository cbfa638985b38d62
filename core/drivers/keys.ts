import type { KeyRing } from '../access/keys.ts';
import { openRegistryKeyRing } from '../access/open-registry-key-ring.ts';
import { createSealer, type Sealer } from '../access/sealer.ts';
import type { Config } from '../config/settings.ts';
import type { Database } from '../db/port.ts';
import type { Log } from '../runtime/log.ts';
import { sealStoredSecrets } from '../webhooks/seal-stored.ts';

/** Keys of a process, and the sealer that uses them. */
export interface OpenedKeys {
  keys: KeyRing;
  sealer: Sealer;
}

/**
 * Opens the keys.
 * @param options.migrate whether secrets and addresses in clear, or sealed with an older key, are sealed with the newest one
 * @throws {StartError} when there is no key, or `AUTH_KEYS_FILE` is not as it should be
 */
export async function openSealer(
  config: Config,
  db: Database,
  log: Log,
  options: { migrate: boolean },
): Promise<OpenedKeys> {
  const keys = await openRegistryKeyRing(config.authKeysFile, db, log);
  const sealer = createSealer(keys);
  if (options.migrate) {
    const { sealed, unopened, addressesLeft } = await sealStoredSecrets(db, sealer);
    if (sealed > 0) log.info({ sealed }, 'sealed secrets and addresses of callbacks and webhooks');
    if (unopened > 0)
      log.warn(
        { unopened },
        'secrets or addresses of callbacks or webhooks cannot be opened with the keys of this registry',
      );
    if (addressesLeft)
      log.info(
        {},
        'left addresses of callbacks and webhooks in clear for workers of the last release, run migrate again once they are replaced',
      );
  }
  return { keys, sealer };
}

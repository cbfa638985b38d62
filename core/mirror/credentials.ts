import { z } from 'zod';
import type { SealContext, Sealer } from '../access/sealer.ts';
import { RegistryError } from '../errors.ts';
import type { MirrorCredentials } from './settings.ts';

const credentialsShape = z.object({
  username: z.string(),
  password: z.string(),
  realm: z.string().optional(),
});

/** Makes the context of the credentials of a mirror. */
export function mirrorContext(mirrorId: string): SealContext {
  return { purpose: 'mirror credentials', row: mirrorId };
}

/** Seals the credentials of a mirror for its row. */
export function sealCredentials(sealer: Sealer, mirrorId: string, credentials: MirrorCredentials): string {
  return sealer.seal(JSON.stringify(credentials), mirrorContext(mirrorId));
}

/**
 * Opens the credentials of a mirror.
 * @returns undefined for a mirror that has none
 * @throws {RegistryError} `mirror.invalid` where the key is gone
 */
export async function openCredentials(
  sealer: Sealer,
  { secret, mirrorId }: { secret: string | null; mirrorId: string },
): Promise<MirrorCredentials | undefined> {
  if (secret === null) return undefined;
  const opened = await sealer.open(secret, mirrorContext(mirrorId));
  if (opened.kind === 'opened') return credentialsShape.parse(JSON.parse(opened.text));
  throw new RegistryError(
    'mirror.invalid',
    'The credentials of the mirror cannot be opened: the key that sealed them is missing. Set them again.',
  );
}

import { RegistryError } from '../errors.ts';
import { isOciDigest, type OciDigest, parseDigest } from './digest.ts';
import { checkTag, type RepositoryRef } from './names.ts';

/** Reference of a manifest in a request: a digest or a tag. */
export type ManifestReference = { digest: OciDigest } | { tag: string };

/** Parses a reference. @throws {RegistryError} `digest.invalid`, or `manifest.invalid` for an invalid tag */
export function parseReference(text: string): ManifestReference {
  if (isOciDigest(text)) return { digest: text };
  if (text.includes(':')) return { digest: parseDigest(text) };
  checkTag(text);
  return { tag: text };
}

/** Makes the error for a manifest that a repository does not have. */
export function manifestNotFound({ full }: RepositoryRef, reference: ManifestReference): RegistryError {
  const name = 'digest' in reference ? `manifest ${reference.digest}` : `tag ${reference.tag}`;
  return new RegistryError('manifest.notFound', `There is no ${name} in ${full}.`);
}

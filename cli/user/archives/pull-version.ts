import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isRegistryError, type VersionClient } from '../../../client/src/index.ts';
import { CommandError } from '../command-error.ts';
import { formatAddress } from '../parse-address.ts';
import { digestOfFile } from './digest.ts';

/** Archive that was pulled. */
export interface PulledVersion {
  space: string;
  chart: string;
  version: string;
  digest: string;
  file: string;
  /** Path of the provenance file, if the version has one. */
  provenance?: string;
  result: 'pulled' | 'present';
}

/**
 * Downloads a version into a folder, with its provenance file. The file appears once its digest is right; one that has
 * that digest already is not downloaded.
 * @throws {RegistryError}, {CommandError} for bytes with another digest
 */
export async function pullVersion(
  version: VersionClient,
  folder: string,
  signal: AbortSignal,
): Promise<PulledVersion> {
  const { digest, signed } = await version.details({ signal });
  const { ref } = version;
  const file = join(folder, fileNameOf(version));
  const isPresent = (await digestOfFile(file)) === digest;
  if (!isPresent) await downloadTo(version, file, digest, signal);
  const provenance = signed ? await pullProvenance(version, `${file}.prov`, signal) : undefined;
  return {
    ...ref,
    digest,
    file,
    ...(provenance === undefined ? {} : { provenance }),
    result: isPresent ? 'present' : 'pulled',
  };
}

/** Names the file of an archive, as `helm pull` does. @throws {CommandError} for names that lead out of the folder */
export function fileNameOf({ ref }: VersionClient): string {
  const name = `${ref.chart}-${ref.version}.tgz`;
  if (/^[\w][\w.+-]*$/.test(name)) return name;
  throw new CommandError(`${formatAddress(ref)} cannot be the name of a file`);
}

async function downloadTo(
  version: VersionClient,
  file: string,
  digest: string,
  signal: AbortSignal,
): Promise<void> {
  const { stream } = await version.download({ signal });
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await replaceFile(file, async (draft) => {
    await pipeline(Readable.from(stream), hashing, createWriteStream(draft, { flags: 'wx' }), { signal });
    const actual = `sha256:${hash.digest('hex')}`;
    if (actual === digest) return;
    throw new CommandError(
      `${formatAddress(version.ref)} came with the digest ${actual} in place of ${digest}: pull it again`,
    );
  }).catch((error: unknown) => {
    // The pipeline has an error of its own for an aborted signal.
    signal.throwIfAborted();
    throw error;
  });
}

async function pullProvenance(
  version: VersionClient,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const text = await version.provenance({ signal });
    await replaceFile(path, (draft) => writeFile(draft, text, { flag: 'wx' }));
    return path;
  } catch (error) {
    // A version can be signed by cosign alone.
    if (isRegistryError(error, 'provenance.notFound')) return undefined;
    throw error;
  }
}

/** Writes a file beside its place, and puts it there once it is whole. */
async function replaceFile(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  try {
    await write(draft);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

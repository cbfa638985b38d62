import {
  isRegistryError,
  type SpaceClient,
  type VersionClient,
  type VersionDetails,
} from '../../../client/src/index.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatAddress } from '../parse-address.ts';
import { digestOf } from './digest.ts';
import type { LocalArchive } from './find-archives.ts';
import { readChartRef } from './read-chart-ref.ts';
import { retryTransient } from './retry-transient.ts';

/** Result of an archive that is in the registry now. */
export interface PushedVersion {
  space: string;
  chart: string;
  version: string;
  digest: string;
  result: 'pushed' | 'replaced' | 'signed' | 'present';
  /** Why its provenance file is left out; absent unless one is. */
  reason?: string;
}

/** Options of a push. */
export interface PushSettings {
  /** Whether versions that exist with other content are replaced. */
  replace: boolean;
  /** Time at which the version was published elsewhere; absent for a new one. */
  createdAt?: Date | undefined;
  /** Whether a provenance file that does not fit is left out. Default false: it fails the push. */
  dropsUnfitProvenance?: boolean;
  signal: AbortSignal;
}

/**
 * Brings an archive into a space, with its provenance file. An archive that is stored already is not sent, so a push
 * that was cut off can be run again. After a lost answer the version is looked up before the archive is sent once more.
 * @throws {RegistryError}, {CommandError} for a version that exists with other content
 */
export async function pushArchive(
  space: SpaceClient,
  archive: LocalArchive,
  { replace, createdAt, dropsUnfitProvenance = false, signal }: PushSettings,
): Promise<PushedVersion> {
  const bytes = await archive.read();
  const provenance = await archive.readProvenance();
  const digest = digestOf(bytes);
  const name = await readChartRef(bytes);
  const stored = name && space.chart(name.chart).version(name.version);
  return retryTransient(signal, async () => {
    const there = stored && (await findDetails(stored, signal));
    if (stored && there?.digest === digest) {
      const attached = await retryWithoutUnfitProvenance(
        dropsUnfitProvenance,
        provenance,
        async (signature) => ({
          result: await attachIfMissing(stored, there, signature, signal),
        }),
      );
      return { ...stored.ref, digest, ...attached };
    }
    if (stored && there && replace) {
      await stored.replace(bytes, { provenance, signal });
      return { ...stored.ref, digest, result: 'replaced' };
    }
    if (stored && there) throw contentDiffersError(stored, there.digest);
    try {
      const { chart, version, reason } = await retryWithoutUnfitProvenance(
        dropsUnfitProvenance,
        provenance,
        (signature) => space.upload(bytes, { provenance: signature, createdAt, signal }),
      );
      const uploaded = { space: space.name, chart, version, digest, result: 'pushed' as const };
      return reason === undefined ? uploaded : { ...uploaded, reason };
    } catch (error) {
      // Another upload of the same bytes may have been faster.
      const isTaken = isRegistryError(error) && (error.status === 409 || error.status === 423);
      const now = isTaken && stored ? await findDetails(stored, signal) : undefined;
      if (stored && now?.digest === digest) return { ...stored.ref, digest, result: 'present' };
      throw error;
    }
  });
}

async function findDetails(version: VersionClient, signal: AbortSignal): Promise<VersionDetails | undefined> {
  try {
    return await version.details({ signal });
  } catch (error) {
    // A space that the caller may not read, or that does not exist yet, is the upload's to judge.
    if (isRegistryError(error) && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Attaches a provenance file to an existing version. A file that does not fit is left out.
 * @throws {RegistryError}
 */
export function attachProvenanceIfFitting(
  version: VersionClient,
  details: VersionDetails,
  provenance: string,
  signal: AbortSignal,
): Promise<Pick<PushedVersion, 'result' | 'reason'>> {
  return retryTransient(signal, () =>
    retryWithoutUnfitProvenance(true, provenance, async (signature) => ({
      result: await attachIfMissing(version, details, signature, signal),
    })),
  );
}

/** Does work with a provenance file. Does it once more without a file that does not fit, where it may be dropped. */
async function retryWithoutUnfitProvenance<Result extends object>(
  mayDrop: boolean,
  provenance: string | undefined,
  work: (provenance: string | undefined) => Promise<Result>,
): Promise<Result & { reason?: string }> {
  try {
    return await work(provenance);
  } catch (error) {
    const isUnfit = isRegistryError(error, 'provenance.invalid', 'provenance.mismatch');
    if (!mayDrop || provenance === undefined || !isUnfit) throw error;
    return { ...(await work(undefined)), reason: `its provenance file is left out: ${error.message}` };
  }
}

/** Attaches the provenance file to a version that has none. An existing file stays, whatever it says. */
async function attachIfMissing(
  version: VersionClient,
  { signed }: VersionDetails,
  provenance: string | undefined,
  signal: AbortSignal,
): Promise<'signed' | 'present'> {
  if (provenance === undefined || (signed && (await hasProvenance(version, signal)))) return 'present';
  await version.attachProvenance(provenance, { signal });
  return 'signed';
}

async function hasProvenance(version: VersionClient, signal: AbortSignal): Promise<boolean> {
  try {
    await version.provenance({ signal });
    return true;
  } catch (error) {
    if (isRegistryError(error, 'provenance.notFound')) return false;
    throw error;
  }
}

function contentDiffersError({ ref }: VersionClient, digest: string): CommandError {
  return new CommandError(
    `${formatAddress(ref)} exists already with other content (${digest}). Raise the version, or use --replace where the space lets versions be replaced.`,
    exitCodes.conflict,
  );
}

import { type Client, isRegistryError, type VersionDetails } from '../../../client/src/index.ts';
import { attachProvenanceIfFitting, type PushedVersion, pushArchive } from '../archives/push-archive.ts';
import { CommandError } from '../command-error.ts';
import type { Candidate } from './candidate.ts';
import type { RetryWhileRefused } from './retry-while-refused.ts';

/** Finds the versions of a chart that the registry has, once for each chart. */
export type FindPresentVersions = (candidate: Candidate) => Promise<ReadonlyMap<string, VersionDetails>>;

/** Registry that an import writes to. */
export interface ImportTarget {
  client: Client;
  findPresent: FindPresentVersions;
  /** Repeats requests to the registry. */
  retry: RetryWhileRefused;
  signal: AbortSignal;
}

/** Creates the lookup of versions that are there before the import begins. */
export function createFindPresent(
  client: Client,
  signal: AbortSignal,
  retry: RetryWhileRefused,
): FindPresentVersions {
  const charts = new Map<string, Promise<ReadonlyMap<string, VersionDetails>>>();
  return (candidate) => {
    const key = `${candidate.space}/${candidate.chart}`;
    const known = charts.get(key);
    if (known) return known;
    const found = retry(() => readPresentVersions(client, candidate, signal));
    charts.set(key, found);
    // A failure is not an answer: the next version of the chart asks again.
    found.catch(() => charts.delete(key));
    return found;
  };
}

async function readPresentVersions(client: Client, { space, chart }: Candidate, signal: AbortSignal) {
  const present = new Map<string, VersionDetails>();
  try {
    for await (const details of client.space(space).chart(chart).versions({}, { signal }))
      present.set(details.version, details);
  } catch (error) {
    if (!isRegistryError(error) || error.status !== 404) throw error;
  }
  return present;
}

/** Reads the provenance file of a version that is there. The version needs none, so a failure is a reason alone. */
async function tryReadProvenance(
  { readProvenance }: Extract<Candidate, { read: unknown }>,
  signal: AbortSignal,
): Promise<{ provenance?: string | undefined; reason?: string }> {
  try {
    return { provenance: await readProvenance?.(signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CommandError)) throw error;
    return { reason: `its provenance file could not be read: ${error.message}` };
  }
}

/**
 * Brings a version into its space, with its provenance file and date. An archive that is stored with the digest of the
 * source is not read again. So an import that was cut off can be run again. Only a missing provenance file is looked
 * for then.
 * @returns with the reason where its provenance file does not fit, or without a result where the version is not a chart
 * @throws {RegistryError}, {CommandError} for a version that exists with other content
 */
export async function importVersion(
  { client, findPresent, retry, signal }: ImportTarget,
  candidate: Candidate,
): Promise<PushedVersion | { reason: string }> {
  const { space, chart, version, digest, createdAt, from } = candidate;
  if ('copy' in candidate) {
    const copied = await candidate.copy();
    return 'reason' in copied ? copied : { space, chart, version, ...copied };
  }
  const there = (await findPresent(candidate)).get(version);
  if (there && digest !== undefined && there.digest === digest) {
    const { provenance, ...fault } = there.signed ? {} : await tryReadProvenance(candidate, signal);
    const stored = client.space(space).chart(chart).version(version);
    const attached =
      provenance === undefined
        ? { result: 'present' as const, ...fault }
        : await retry(() => attachProvenanceIfFitting(stored, there, provenance, signal));
    return { space, chart, version, digest, ...attached };
  }
  const archive = await candidate.read(signal);
  const local = {
    file: from,
    read: async () => archive.bytes,
    readProvenance: async () => archive.provenance,
  };
  const settings = { replace: false, dropsUnfitProvenance: true, signal, createdAt };
  return retry(() => pushArchive(client.space(space), local, settings));
}

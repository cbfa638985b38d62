import { type Client, isRegistryError, type VersionDetails } from '../../../client/src/index.ts';
import { attachProvenanceIfFitting, type Pushed, pushArchive } from '../archives/push-archive.ts';
import type { Candidate } from './candidate.ts';

/** Finds the versions of a chart that the registry has, once for each chart. */
export type FindPresentVersions = (candidate: Candidate) => Promise<ReadonlyMap<string, VersionDetails>>;

/** Creates the lookup of versions that are there before the import begins. */
export function createFindPresent(client: Client, signal: AbortSignal): FindPresentVersions {
  const charts = new Map<string, Promise<ReadonlyMap<string, VersionDetails>>>();
  return (candidate) => {
    const key = `${candidate.space}/${candidate.chart}`;
    const found = charts.get(key) ?? readPresentVersions(client, candidate, signal);
    charts.set(key, found);
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

/**
 * Brings a version into its space, with its provenance file and date. One that is there with the digest of the source is
 * not read from it, so an import that was cut off can be run again; only a provenance file that it lacks is looked for.
 * @returns with the reason where its provenance file does not fit, or without a result where the version is no chart
 * @throws {RegistryError}, {CommandError} for a version that exists with other content
 */
export async function importVersion(
  client: Client,
  candidate: Candidate,
  findPresent: FindPresentVersions,
  signal: AbortSignal,
): Promise<Pushed | { reason: string }> {
  const { space, chart, version, digest, createdAt, from } = candidate;
  if ('copy' in candidate) {
    const copied = await candidate.copy();
    return 'reason' in copied ? copied : { space, chart, version, ...copied };
  }
  const there = (await findPresent(candidate)).get(version);
  if (there && digest !== undefined && there.digest === digest) {
    const provenance = there.signed ? undefined : await candidate.readProvenance?.(signal);
    const stored = client.space(space).chart(chart).version(version);
    const attached =
      provenance === undefined
        ? { result: 'present' as const }
        : await attachProvenanceIfFitting(stored, there, provenance, signal);
    return { space, chart, version, digest, ...attached };
  }
  const archive = await candidate.read(signal);
  const local = {
    file: from,
    read: async () => archive.bytes,
    readProvenance: async () => archive.provenance,
  };
  return pushArchive(client.space(space), local, {
    replace: false,
    dropsUnfitProvenance: true,
    signal,
    createdAt,
  });
}

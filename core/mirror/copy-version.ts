import type { Digest } from '../blobs/port.ts';
import { type ReceivedContent, receiveContent } from '../blobs/receive.ts';
import { RegistryError } from '../errors.ts';
import { maxProvenanceBytes } from '../registry/provenance.ts';
import { putVersion } from '../registry/publish.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import type { MirrorDeps } from './mirror-deps.ts';
import { readUpstreamBody } from './read-body.ts';
import type { IndexEntry } from './read-index.ts';
import { recordOutcomes, type VersionOutcome } from './record-outcomes.ts';
import { toMirrorFault } from './settings.ts';
import type { Upstream } from './upstream.ts';
import { shownUrl, UpstreamFault } from './upstream-fault.ts';

/**
 * Copies a version: archive and provenance file as they are, with its publication date. Its outcome is recorded
 * in the transaction that stores it, so a run that is killed has all or nothing of it.
 * @returns its outcome
 * @throws {UpstreamFault}, {RegistryError}
 */
export async function copyVersion(
  deps: MirrorDeps,
  run: ClaimedMirrorRun,
  upstream: Upstream,
  entry: IndexEntry,
): Promise<VersionOutcome> {
  const { chart, version, createdAt } = entry;
  const url = archiveUrl(run, entry);
  const archive = await fetchArchive(deps, upstream, url, entry.digest);
  try {
    const provenance = await fetchProvenance(upstream, url);
    const put = async (signature: Buffer | undefined, note?: VersionOutcome['fault']) => {
      let outcome: VersionOutcome = { chart, version, outcome: 'stored', ...(note ? { fault: note } : {}) };
      await putVersion(
        deps.registry,
        { space: run.space, chart, version },
        archive,
        signature,
        async ({ before, write, tx }) => {
          const differs = before !== undefined && before.archive !== archive.digest;
          if (differs && !run.settings.overwrite)
            outcome = { chart, version, outcome: 'changed', upstream: archive.digest };
          else {
            if (differs) outcome = { ...outcome, outcome: 'replaced' };
            if (differs || before === undefined) outcome = { ...outcome, copied: true };
            await write();
          }
          await recordOutcomes(tx, run, [outcome]);
        },
        { createdAt: createdAt === undefined ? undefined : new Date(Math.min(createdAt, Date.now())) },
      );
      return outcome;
    };
    try {
      return await put(provenance);
    } catch (error) {
      // The chart is worth having without a signature that is not its own.
      if (!(error instanceof RegistryError) || !error.code.startsWith('provenance.')) throw error;
      return await put(undefined, toMirrorFault(error));
    }
  } finally {
    await archive.discard();
  }
}

function archiveUrl({ url }: ClaimedMirrorRun, { chart, version, urls }: IndexEntry): URL {
  const [first] = urls;
  // The index gives every version an address; Helm has no default for it either.
  if (first === undefined || !URL.canParse(first, url))
    throw new UpstreamFault('upstream.invalid', `The index has no address for ${chart} ${version}.`);
  const parsed = new URL(first, url);
  if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed;
  throw new UpstreamFault(
    'upstream.invalid',
    `${chart} ${version} is at ${parsed.protocol}, which is not fetched.`,
  );
}

async function fetchArchive(
  { maxArchiveBytes, uploadFolder }: MirrorDeps,
  upstream: Upstream,
  url: URL,
  expected: string | undefined,
): Promise<ReceivedContent & { digest: Digest }> {
  const archive = await upstream.get(url, { accept: '*/*', 'accept-encoding': 'identity' }, ({ body }) =>
    receiveContent(body, maxArchiveBytes, uploadFolder),
  );
  if (expected === undefined || archive.digest === expected) return archive;
  await archive.discard();
  throw new RegistryError(
    'digest.mismatch',
    `${shownUrl(url)} has the digest ${archive.digest}, the index says ${expected}. It is not stored.`,
  );
}

/** Fetches the provenance file beside an archive; undefined where there is none, or it is hidden. */
async function fetchProvenance(upstream: Upstream, archive: URL): Promise<Buffer | undefined> {
  const url = new URL(archive);
  url.pathname += '.prov';
  try {
    return await upstream.get(url, { accept: '*/*', 'accept-encoding': 'identity' }, ({ body }) =>
      readUpstreamBody(body, maxProvenanceBytes),
    );
  } catch (error) {
    const hasNone =
      error instanceof UpstreamFault && ['upstream.missing', 'upstream.denied'].includes(error.code);
    if (hasNone) return undefined;
    throw error;
  }
}

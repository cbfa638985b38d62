import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { ChartLimits } from '../archive/limits.ts';
import { contentOf } from '../blobs/content.ts';
import type { Content, Digest, ReadContent } from '../blobs/port.ts';
import { type ChartSummary, inspectChart } from '../chart/read-chart.ts';
import { RegistryError } from '../errors.ts';
import { type OciManifest, parseManifest } from '../oci/manifest.ts';
import type { Plan } from '../recipe/plan.ts';
import { storedSources } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import { createThreadPool } from '../runtime/threads/pool.ts';
import { ThreadExceeded } from '../runtime/threads/thread.ts';
import { workerEntryUrl } from '../runtime/threads/worker-entry.ts';
import type { ChartAnswer, ChartRequest, SummaryTexts } from './messages.ts';

/** A chart's summary, as it comes from the event loop or from a thread. */
export type StorableSummary = ChartSummary | SummaryTexts;

/** Reads what strangers send: what may take long in threads, where it holds up nobody, and what is small in place. */
export interface ChartWork {
  /**
   * Says what is to be stored of an archive.
   * @throws {RegistryError} as `inspectChart`; `service.busy`
   */
  inspect(space: string, archive: Content): Promise<StorableSummary>;
  /**
   * Makes Chart.yaml or values.yaml of an archive say something else.
   * @param wanted a JSON object, as text
   * @returns `lostComments`: a sentence about comments of the file that could not be kept
   * @throws {RegistryError} what is wrong with the result; `service.busy`
   */
  rewrite(
    ref: { space: string; chart: string },
    archive: () => Promise<Buffer>,
    file: 'metadata' | 'values',
    wanted: string,
  ): Promise<{ archive: ReadContent; summary: SummaryTexts; lostComments: string | undefined }>;
  /**
   * Composes a plan whose sources or configuration are large. It waits as long as it takes: jobs are bounded elsewhere.
   * @param load an archive of the plan, by its digest
   * @throws {RegistryError} as `composePrepared`
   */
  compose(
    plan: Plan,
    load: (digest: Digest) => Promise<Buffer>,
  ): Promise<{ archive: Content; summary: SummaryTexts; warnings: Warning[] }>;
  /** Gives the templates and own values of a chart, as JSON. @throws {RegistryError} as `readFiles`; `service.busy` */
  readTemplates(space: string, archive: () => Promise<Buffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads an OCI manifest. @throws {RegistryError} `manifest.invalid`; `service.busy` */
  readManifest(space: string, content: Buffer, contentType: string | undefined): Promise<OciManifest>;
  close(): Promise<void>;
}

/** Bytes that are read in place, packed and unpacked: a few milliseconds, where a thread takes one to be asked. */
const inPlace = { packed: 16 * 1024, unpacked: 32 * 1024, manifest: 32 * 1024 };

/** Milliseconds of one call; the largest chart takes a few seconds. */
const limit = 60_000;

/** MiB of JavaScript values a thread may keep; bytes of files come on top. */
const memory = 512;

export function createChartWork(limits: ChartLimits): ChartWork {
  const pool = createThreadPool<ChartRequest, ChartAnswer>({
    file: workerEntryUrl(import.meta.url, 'thread-main'),
    limit,
    memory,
    threads: 2,
    limits: { waiting: 'charts that wait to be read', maxPerSpace: 192, maxTotal: 256 },
  });

  /** @throws {RegistryError} also for what took too long */
  async function ask<Kind extends ChartRequest['kind']>(
    kind: Kind,
    owner: string,
    load: () => ChartRequest | Promise<ChartRequest>,
    isBounded = true,
  ): Promise<Extract<ChartAnswer, { kind: Kind }>> {
    const answer = await pool.call(owner, load, isBounded).catch((error: unknown) => {
      if (!(error instanceof ThreadExceeded)) throw error;
      throw new RegistryError(
        'archive.tooLarge',
        `This takes ${error.message} to read, which is more than one request may take.`,
      );
    });
    if (isOf(answer, kind)) return answer;
    if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
    throw new Error(`a thread answered ${answer.kind} to ${kind}`);
  }

  return {
    async inspect(space, archive) {
      const { bytes } = archive;
      if (bytes && isSmall(bytes)) return inspectChart(bytes, limits);
      const load = async () => {
        const whole = bytes ?? (await buffer(archive.open()));
        return { kind: 'inspect' as const, archive: whole, limits };
      };
      return (await ask('inspect', space, load)).summary;
    },
    async rewrite({ space, chart }, archive, file, wanted) {
      const load = async () => ({
        kind: 'rewrite' as const,
        archive: await archive(),
        limits,
        chart,
        file,
        wanted,
      });
      const made = await ask('rewrite', space, load);
      return { archive: contentOf(bufferOf(made.archive)), summary: made.summary, lostComments: made.lost };
    },
    async compose(plan, load) {
      const loadAll = async () => {
        const archives: [Digest, Buffer][] = [];
        const digests = new Set(storedSources(plan.root).map(({ digest }) => digest));
        for (const digest of digests) archives.push([digest, await load(digest)]);
        return { kind: 'compose' as const, plan, archives, limits };
      };
      const made = await ask('compose', plan.space, loadAll, false);
      const { summary, warnings } = made;
      return { archive: contentOf(bufferOf(made.archive)), summary, warnings };
    },
    async readTemplates(space, archive) {
      const load = async () => ({ kind: 'templates' as const, archive: await archive(), limits });
      return (await ask('templates', space, load)).json;
    },
    async readManifest(space, content, contentType) {
      if (content.length <= inPlace.manifest) return parseManifest(content, contentType);
      return (await ask('manifest', space, () => ({ kind: 'manifest', content, contentType }))).manifest;
    },
    close: () => pool.close(),
  };
}

function isOf<Kind extends ChartAnswer['kind']>(
  answer: ChartAnswer,
  kind: Kind,
): answer is Extract<ChartAnswer, { kind: Kind }> {
  return answer.kind === kind;
}

function bufferOf({ buffer: bytes, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(bytes, byteOffset, byteLength);
}

/** Whether an archive is small also when it is unpacked, which its length does not tell. What is damaged is for a thread to say. */
function isSmall(archive: Buffer): boolean {
  if (archive.length > inPlace.packed) return false;
  try {
    gunzipSync(archive, { maxOutputLength: inPlace.unpacked });
    return true;
  } catch {
    return false;
  }
}

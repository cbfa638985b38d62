import { buffer } from 'node:stream/consumers';
import type { ChartLimits } from '../archive/limits.ts';
import { unpackSmall } from '../archive/read-archive.ts';
import { contentOf } from '../blobs/content.ts';
import type { Content, Digest, ReadContent } from '../blobs/port.ts';
import { type ChartSummary, inspectChart } from '../chart/read-chart.ts';
import { RegistryError } from '../errors.ts';
import { type OciManifest, parseManifest } from '../oci/manifest.ts';
import type { RecipeDefaults } from '../recipe/parse.ts';
import type { Plan } from '../recipe/plan.ts';
import { writePlan } from '../recipe/plan-text.ts';
import { type ReadRecipe, readRecipe } from '../recipe/read-recipe.ts';
import type { Config } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import { explainExceeded } from '../runtime/threads/explain-exceeded.ts';
import { createThreadPool } from '../runtime/threads/pool.ts';
import { workerEntryUrl } from '../runtime/threads/worker-entry.ts';
import type { ChartAnswer, ChartRequest, ObjectText, SummaryTexts } from './messages.ts';
import { readObjectText } from './read-object.ts';

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
   * @returns `lost`: a sentence about comments of the file that could not be kept; `unchecked`: what of the chart's schemas
   *   could not be checked, where values were
   * @throws {RegistryError} what is wrong with the result, `values.invalid` and `schema.invalid` with pointers into
   *   `wanted`; `service.busy`
   */
  rewrite(
    ref: { space: string; chart: string },
    archive: () => Promise<Buffer>,
    file: 'metadata' | 'values',
    wanted: string,
  ): Promise<{ archive: ReadContent; summary: SummaryTexts; lost: string | undefined; unchecked: string[] }>;
  /**
   * Composes a plan whose sources or configuration are large. It waits for a thread as long as it takes: jobs are bounded
   * elsewhere.
   * @param load an archive of the plan, by its digest
   * @throws {RegistryError} as `composePrepared`; `service.busy` when composing took too long, which the next try may not
   */
  compose(
    plan: Plan<Config>,
    load: (digest: Digest) => Promise<Buffer>,
  ): Promise<{ archive: Content; summary: SummaryTexts; warnings: Warning[] }>;
  /** Gives the templates and own values of a chart, as JSON. @throws {RegistryError} as `readFiles`; `service.busy` */
  readTemplates(space: string, archive: () => Promise<Buffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads an OCI manifest. @throws {RegistryError} `manifest.invalid`; `service.busy` */
  readManifest(space: string, content: Buffer, contentType: string | undefined): Promise<OciManifest>;
  /**
   * Reads a recipe. One that is large comes back with its configurations as texts.
   * @throws {RegistryError} as `readRecipe`; `service.busy`
   */
  readRecipe(text: string, defaults: RecipeDefaults): Promise<ReadRecipe>;
  /** Reads a plan that a job's row has. One that is large comes back with its configurations as texts. */
  readPlan(space: string, text: string): Promise<Plan<Config>>;
  /**
   * Reads a JSON object whose values can be stored.
   * @param fields keys whose values the caller must know
   * @throws {RegistryError} as `readBodyObject`; `service.busy`
   */
  readObject(space: string, text: string, fields: readonly string[]): Promise<ObjectText>;
  close(): Promise<void>;
}

/** Bytes, or characters of JSON, that are read in place: a few milliseconds, where a thread takes one to be asked. */
const inPlace = { packed: 16 * 1024, unpacked: 32 * 1024, manifest: 32 * 1024, json: 64 * 1024 };

/** Milliseconds of one call. The largest chart takes a few seconds: more is the fault of a busy machine. */
const defaultTimeoutMs = 60_000;

/** MiB of JavaScript values a thread may keep; bytes of files come on top. */
const memory = 512;

/** @param timeoutMs of one call */
export function createChartWork(limits: ChartLimits, timeoutMs = defaultTimeoutMs): ChartWork {
  const pool = createThreadPool<ChartRequest, ChartAnswer>({
    file: workerEntryUrl(import.meta.url, 'thread-main'),
    limit: timeoutMs,
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
      throw explainExceeded(error);
    });
    if (isOf(answer, kind)) return answer;
    if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
    throw new Error(`a thread answered ${answer.kind} to ${kind}`);
  }

  return {
    async inspect(space, archive) {
      const { bytes } = archive;
      const small = bytes && unpackSmall(bytes, inPlace);
      if (small) return inspectChart(small, limits);
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
      const { summary, lost, unchecked } = made;
      return { archive: contentOf(bufferOf(made.archive)), summary, lost, unchecked };
    },
    async compose(plan, load) {
      const loadAll = async () => {
        const archives: [Digest, Buffer][] = [];
        const digests = new Set(storedSources(plan.root).map(({ digest }) => digest));
        for (const digest of digests) archives.push([digest, await load(digest)]);
        return { kind: 'compose' as const, plan: writePlan(plan), archives, limits };
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
    async readRecipe(text, defaults) {
      if (text.length <= inPlace.json) return readRecipe(text, defaults);
      return (await ask('recipe', defaults.space, () => ({ kind: 'recipe', text, defaults }))).read;
    },
    async readPlan(space, text) {
      if (text.length > inPlace.json) {
        // The job was bounded when it was accepted.
        return (await ask('plan', space, () => ({ kind: 'plan', text }), false)).plan;
      }
      const plan: Plan = JSON.parse(text);
      return plan;
    },
    async readObject(space, text, fields) {
      if (text.length <= inPlace.json) return readObjectText(text, fields);
      return (await ask('object', space, () => ({ kind: 'object', text, fields }))).object;
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

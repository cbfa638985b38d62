import { buffer } from 'node:stream/consumers';
import type { ChartLimits } from '../archive/limits.ts';
import { unpackSmall } from '../archive/read-archive.ts';
import { contentOf } from '../blobs/content.ts';
import type { BufferedContent, Content, Digest } from '../blobs/port.ts';
import { type ChartSummary, summarizeArchive } from '../chart/read-chart.ts';
import type { CompareOptions, ComparisonText } from '../compare/comparison.ts';
import { type OciManifest, parseManifest } from '../oci/manifest.ts';
import type { RecipeDefaults } from '../recipe/parse.ts';
import type { Plan } from '../recipe/plan.ts';
import { type ParsedRecipe, type RecipeFormat, readRecipe } from '../recipe/read-recipe.ts';
import { type ParsedRecomposition, readRecomposition } from '../recipe/read-recomposition.ts';
import type { Configuration } from '../recipe/recipe.ts';
import type { Place } from '../recipe/text-places.ts';
import type { Warning } from '../recipe/warning.ts';
import { findYamlPlaces } from '../recipe/yaml/parse-yaml.ts';
import { createThreadPool } from '../runtime/threads/pool.ts';
import { workerEntryUrl } from '../runtime/threads/thread.ts';
import { type ArchiveReads, createArchiveReads } from './archive-reads.ts';
import { bufferOf } from './bytes.ts';
import { createChartThreadCaller } from './call-pool.ts';
import { loadPlanArchives } from './load-plan-archives.ts';
import type { ChartAnswer, ChartRequest, CompareSide, ObjectText, SummaryTexts } from './messages.ts';
import { patchObjectText, readObjectText } from './read-object.ts';

/** Summary of a chart, from the event loop or from a thread. */
export type StorableSummary = ChartSummary | SummaryTexts;

/**
 * Reads charts and documents of clients: large ones in threads, so that the event loop stays free, and small
 * ones inline.
 */
export interface ChartWork extends ArchiveReads {
  /**
   * Reads the summary of an archive, which is stored with its version.
   * @param admit checks in the turn of a thread that there is room in memory
   * @throws {RegistryError} as `summarizeArchive`; `service.busy`; the errors of `admit`
   */
  inspect(space: string, archive: Content, admit?: () => Promise<void>): Promise<StorableSummary>;
  /**
   * Rewrites Chart.yaml or values.yaml of an archive.
   * @param wanted new content, a JSON object as text
   * @returns `lostComments`: a sentence about comments of the file that could not be kept; `unchecked`: parts of the
   *   chart's schemas that could not be checked, where values were
   * @throws {RegistryError} the faults of the result, `values.invalid` and `schema.invalid` with pointers into
   *   `wanted`; `service.busy`
   */
  rewrite(
    ref: { space: string; chart: string },
    archive: () => Promise<Buffer>,
    file: 'metadata' | 'values',
    wanted: string,
  ): Promise<{
    archive: BufferedContent;
    summary: SummaryTexts;
    lostComments: string | undefined;
    unchecked: string[];
  }>;
  /**
   * Composes a plan whose sources or configuration are large. It waits for a thread without a limit: jobs are limited
   * elsewhere.
   * @param load an archive of the plan, by its digest
   * @throws {RegistryError} as `composePrepared`; `service.busy` when composing took too long, which the next try may not
   */
  compose(
    plan: Plan<Configuration>,
    load: (digest: Digest) => Promise<Buffer>,
  ): Promise<{ archive: Content; summary: SummaryTexts; warnings: Warning[] }>;
  /**
   * Compares two charts.
   * @param load loads both sides, once a thread is free
   * @throws {RegistryError} as `compareSides`; the errors of `load`; `service.busy`
   */
  compare(
    space: string,
    load: () => Promise<{ from: CompareSide; to: CompareSide }>,
    options: CompareOptions,
  ): Promise<ComparisonText>;
  /** Reads an OCI manifest. @throws {RegistryError} `manifest.invalid`; `service.busy` */
  readManifest(space: string, content: Buffer, contentType: string | undefined): Promise<OciManifest>;
  /** Finds the places of pointers in a YAML text that was read before. @throws {RegistryError} `service.busy` */
  findPlaces(space: string, text: string, pointers: readonly string[]): Promise<Place[]>;
  /**
   * Reads a recipe, by default of JSON. A large recipe comes back with its configurations as texts.
   * @throws {RegistryError} as `readRecipe`; `service.busy`
   */
  readRecipe(text: string, defaults: RecipeDefaults, format?: RecipeFormat): Promise<ParsedRecipe>;
  /** Reads a plan that a job's row has. A large plan comes back with its configurations as texts. */
  readPlan(space: string, text: string): Promise<Plan<Configuration>>;
  /**
   * Reads a JSON object whose values can be stored.
   * @param fields keys whose values the caller must know
   * @throws {RegistryError} as `readBodyObject`; `service.busy`
   */
  readObject(space: string, text: string, fields: readonly string[]): Promise<ObjectText>;
  /** Reads the body of a request to recompose. @throws {RegistryError} as `readRecomposition`; `service.busy` */
  readRecomposition(space: string, text: string, format: RecipeFormat): Promise<ParsedRecomposition>;
  /**
   * Applies JSON merge patches to a JSON object, one after another.
   * @param object as text, like the patches; all were read before
   * @param fields keys whose values the caller must know afterwards
   * @throws {RegistryError} `service.busy`
   */
  patchObject(
    space: string,
    object: string,
    patches: readonly string[],
    fields: readonly string[],
  ): Promise<ObjectText>;
  close(): Promise<void>;
}

/** Largest documents that are read inline, in bytes or characters. They take a few milliseconds; a call to a thread takes one. */
const maxInlineBytes = {
  packed: 16 * 1024,
  unpacked: 32 * 1024,
  manifest: 32 * 1024,
  json: 64 * 1024,
  yaml: 8 * 1024,
};

/** Timeout of a call in milliseconds. The largest chart takes a few seconds; only a busy machine needs more. */
const defaultTimeoutMs = 60_000;

/** Maximum heap of a thread in MiB; bytes of files come on top. */
const maxHeapMib = 512;

/** Creates the threads for charts; each starts with its first call. @param timeoutMs of one call */
export function createChartWork(limits: ChartLimits, timeoutMs = defaultTimeoutMs): ChartWork {
  const pool = createThreadPool<ChartRequest, ChartAnswer>({
    file: workerEntryUrl(import.meta.url, 'thread-main'),
    timeoutMs,
    maxHeapMib,
    threads: 2,
    limits: { waiting: 'charts that wait to be read', maxPerSpace: 192, maxTotal: 256 },
  });

  const callThread = createChartThreadCaller(pool);

  return {
    ...createArchiveReads(callThread, limits),
    async inspect(space, archive, admit) {
      const { bytes } = archive;
      const small = bytes && unpackSmall(bytes, maxInlineBytes);
      if (small) return summarizeArchive(small, limits);
      const load = async () => {
        await admit?.();
        const whole = bytes ?? (await buffer(archive.open()));
        return { kind: 'inspect' as const, archive: whole, limits };
      };
      return (await callThread('inspect', space, load)).summary;
    },
    async rewrite({ space, chart }, archive, file, wanted) {
      const request = { kind: 'rewrite' as const, limits, chart, file, wanted };
      const load = async () => ({ ...request, archive: await archive() });
      const { summary, lost, unchecked, ...result } = await callThread('rewrite', space, load);
      return { archive: contentOf(bufferOf(result.archive)), summary, lostComments: lost, unchecked };
    },
    async compose(plan, load) {
      const loadAll = async () => ({
        kind: 'compose' as const,
        ...(await loadPlanArchives(plan, load)),
        limits,
      });
      const result = await callThread('compose', plan.space, loadAll, false);
      const { summary, warnings } = result;
      return { archive: contentOf(bufferOf(result.archive)), summary, warnings };
    },
    async compare(space, load, options) {
      const loadSides = async () => ({ kind: 'compare' as const, ...(await load()), options, limits });
      const { json, next } = await callThread('compare', space, loadSides);
      return { json, next };
    },
    async readManifest(space, content, contentType) {
      if (content.length <= maxInlineBytes.manifest) return parseManifest(content, contentType);
      return (await callThread('manifest', space, () => ({ kind: 'manifest', content, contentType })))
        .manifest;
    },
    async readRecipe(text, defaults, format = 'json') {
      if (text.length <= maxInlineBytes[format]) return readRecipe(text, defaults, format);
      const request = { kind: 'recipe' as const, text, defaults, format };
      return (await callThread('recipe', defaults.space, () => request)).read;
    },
    async findPlaces(space, text, pointers) {
      if (text.length <= maxInlineBytes.yaml) return findYamlPlaces(text, pointers);
      return (await callThread('places', space, () => ({ kind: 'places', text, pointers }))).places;
    },
    async readPlan(space, text) {
      if (text.length > maxInlineBytes.json) {
        // The job was bounded when it was accepted.
        return (await callThread('plan', space, () => ({ kind: 'plan', text }), false)).plan;
      }
      const plan: Plan = JSON.parse(text);
      return plan;
    },
    async readObject(space, text, fields) {
      if (text.length <= maxInlineBytes.json) return readObjectText(text, fields);
      return (await callThread('object', space, () => ({ kind: 'object', text, fields }))).object;
    },
    async readRecomposition(space, text, format) {
      if (text.length <= maxInlineBytes[format]) return readRecomposition(text, format);
      const request = { kind: 'recomposition' as const, text, format };
      return (await callThread('recomposition', space, () => request)).read;
    },
    async patchObject(space, object, patches, fields) {
      const texts = [object, ...patches];
      const size = texts.reduce((sum, { length }) => sum + length, 0);
      if (size <= maxInlineBytes.json) return patchObjectText(texts, fields);
      return (await callThread('patch', space, () => ({ kind: 'patch', texts, fields }))).object;
    },
    close: () => pool.close(),
  };
}

import { Readable } from 'node:stream';
import { parentPort } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { readOutline, writeOutline } from '../chart/outline.ts';
import { readChart } from '../chart/read-chart.ts';
import { SchemaBroken, SchemaExceeded } from '../chart/schema/errors.ts';
import { readSchema, type ValuesSchema } from '../chart/schema.ts';
import { RegistryError } from '../errors.ts';
import { assessPlan } from '../recipe/assess-plan.ts';
import type { Plan } from '../recipe/plan.ts';
import { previewPlan, toPreviewTexts } from '../recipe/preview.ts';
import { resolveTree } from '../recipe/resolve-tree.ts';
import { storedSources } from '../recipe/sources.ts';
import { createSourceFacts } from '../recipe/warnings/source-facts.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import type { CheckAnswer, CheckRequest, PlanVerdict } from './messages.ts';

/** Characters of outlines whose charts the thread caches. */
const maxCachedCharacters = 32 * 1024 * 1024;

// Program of the validation thread. Schemas are the work of clients, so they are interpreted here, where the
// caller can end a long one.
const chartCache = createByteCache<Chart>(maxCachedCharacters);

const facts = createSourceFacts();

/** Milliseconds after which the remaining plans of a message go back to the caller. */
const batchTimeoutMs = 20;

const maxSchemas = 100;

/** Characters of all schemas that are kept read: a schema of patterns takes 200 bytes for each. */
const maxSchemaLength = 1_000_000;

/** Schemas that are read, by their texts, because reading one costs more than a check. A longer one is kept alone. */
const schemaCache = new LRUCache<string, ValuesSchema | SchemaBroken | SchemaExceeded>({
  max: maxSchemas,
  maxSize: maxSchemaLength,
  sizeCalculation: (_, text) => Math.min(Math.max(text.length, 1), maxSchemaLength),
});

/** Texts of schema files, as long as the thread keeps the charts that they are of. */
const schemaTexts = new WeakMap<Buffer, string>();

/** Parses a schema, or takes it from the cache. @throws {SchemaBroken} and {SchemaExceeded}, from the cache too */
function getSchema(file: Buffer): ValuesSchema {
  const text = schemaTexts.get(file) ?? file.toString('utf8');
  schemaTexts.set(file, text);
  const known = schemaCache.get(text);
  const schema = known ?? tryReadSchema(text);
  if (!known) schemaCache.set(text, schema);
  if (schema instanceof Error) throw schema;
  return schema;
}

function tryReadSchema(text: string): ValuesSchema | SchemaBroken | SchemaExceeded {
  try {
    return readSchema(text);
  } catch (error) {
    if (error instanceof SchemaBroken || error instanceof SchemaExceeded) return error;
    throw error;
  }
}

async function answerRequest(request: CheckRequest): Promise<CheckAnswer> {
  if (request.kind === 'outline') {
    const chart = await readChart(Readable.from([Buffer.from(request.archive)]), request.limits);
    return { kind: 'outline', outline: writeOutline(chart) };
  }
  if (request.kind === 'preview') {
    const { archives, limits } = request;
    const plan: Plan = JSON.parse(request.plan);
    const preview = previewPlan(plan, await readSourceCharts(archives, limits), limits, getSchema);
    return { kind: 'preview', preview: toPreviewTexts(preview) };
  }
  return { kind: 'verdicts', verdicts: checkPlans(request.plans, request.outlines) };
}

function checkPlans(plans: readonly string[], outlines: readonly [Digest, string][]): PlanVerdict[] {
  const batchCharts = new Map<Digest, Chart>();
  for (const [digest, text] of outlines) {
    const chart = readOutline(text);
    batchCharts.set(digest, chart);
    chartCache.set(digest, chart, text.length);
  }
  const verdicts: PlanVerdict[] = [];
  const deadline = performance.now() + batchTimeoutMs;
  for (const text of plans) {
    verdicts.push(tryCheckPlan(text, batchCharts));
    // The caller sends the others again in their turn, so that a slow plan delays only itself.
    if (performance.now() > deadline) break;
  }
  return verdicts;
}

function tryCheckPlan(text: string, batchCharts: ReadonlyMap<Digest, Chart>): PlanVerdict {
  const plan: Plan = JSON.parse(text);
  try {
    return checkPlan(plan, batchCharts);
  } catch (error) {
    return faultOf(error);
  }
}

async function readSourceCharts(archives: readonly [Digest, Uint8Array][], limits: ChartLimits) {
  const sources = new Map<Digest, Chart>();
  for (const [digest, archive] of archives) {
    sources.set(digest, await readChart(Readable.from([Buffer.from(archive)]), limits));
  }
  return sources;
}

function checkPlan(plan: Plan, batchCharts: ReadonlyMap<Digest, Chart>): PlanVerdict {
  const sources = new Map<Digest, Chart>();
  const missing = new Set<Digest>();
  for (const { digest } of storedSources(plan.root)) {
    const chart = batchCharts.get(digest) ?? chartCache.get(digest);
    if (chart) sources.set(digest, chart);
    else missing.add(digest);
  }
  if (missing.size > 0) return { kind: 'missing', digests: [...missing] };
  return { kind: 'fine', warnings: assessPlan(resolveTree(plan, sources), plan, { read: getSchema, facts }) };
}

/** Converts an error that a client can act on; any other ends the thread. */
function faultOf(error: unknown): PlanVerdict & CheckAnswer {
  if (!(error instanceof RegistryError)) throw error;
  const { code, message, details } = error;
  return { kind: 'fault', code, message, details };
}

parentPort?.on('message', async (request: CheckRequest) => {
  try {
    parentPort?.postMessage(await answerRequest(request));
  } catch (error) {
    parentPort?.postMessage(faultOf(error));
  }
});
parentPort?.postMessage('ready');

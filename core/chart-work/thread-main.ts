import { parentPort } from 'node:worker_threads';
import { unpackSmall } from '../archive/read-archive.ts';
import { packArchive } from '../archive/write-archive.ts';
import {
  type ChartSummary,
  readArchiveFiles,
  readChartFiles,
  summarizeArchive,
  summarizeChart,
} from '../chart/read-chart.ts';
import { explainLostComments, replaceManifest, replaceValues } from '../chart/rewrite.ts';
import { RegistryError } from '../errors.ts';
import { parseManifest } from '../oci/manifest.ts';
import { checkBodyValues } from '../recipe/check-body-values.ts';
import type { Plan } from '../recipe/plan.ts';
import { toPlanOfTexts } from '../recipe/plan-text.ts';
import { readRecipe, toRecipeOfTexts } from '../recipe/read-recipe.ts';
import { readRecomposition } from '../recipe/read-recomposition.ts';
import { findYamlPlaces } from '../recipe/yaml/parse-yaml.ts';
import { lowerPriority } from '../runtime/threads/low-priority.ts';
import { isObject } from '../yaml/json.ts';
import { answerArchive, isArchiveRequest } from './answer-archive.ts';
import { bufferOf, streamOfBytes } from './bytes.ts';
import { compareSides, maxSyncUnpackBytes } from './compare-sides.ts';
import { composeFromArchives } from './compose-from-archives.ts';
import type { ChartAnswer, ChartRequest, SummaryTexts } from './messages.ts';
import { patchObjectText, readObjectText } from './read-object.ts';

// Program of the threads that read and rewrite charts.

async function answerChartRequest(request: ChartRequest): Promise<ChartAnswer> {
  if (request.kind === 'manifest') {
    return { kind: 'manifest', manifest: parseManifest(Buffer.from(request.content), request.contentType) };
  }
  if (request.kind === 'recipe') {
    const { recipe, ...rest } = readRecipe(request.text, request.defaults, request.format);
    return { kind: 'recipe', read: { ...rest, recipe: toRecipeOfTexts(recipe) } };
  }
  if (request.kind === 'places') {
    return { kind: 'places', places: findYamlPlaces(request.text, request.pointers) };
  }
  if (request.kind === 'plan') {
    const plan: Plan = JSON.parse(request.text);
    return { kind: 'plan', plan: toPlanOfTexts(plan) };
  }
  if (request.kind === 'object') {
    return { kind: 'object', object: readObjectText(request.text, request.fields) };
  }
  if (request.kind === 'recomposition') {
    return { kind: 'recomposition', read: readRecomposition(request.text, request.format) };
  }
  if (request.kind === 'patch') {
    return { kind: 'patch', object: patchObjectText(request.texts, request.fields) };
  }
  if (request.kind === 'compose') {
    const composed = await composeFromArchives(request, request.limits);
    const summary = toSummaryTexts(await composed.inspect());
    const { archive, warnings } = composed;
    return { kind: 'compose', archive: new Uint8Array(archive), summary, warnings };
  }
  if (request.kind === 'compare') {
    return { kind: 'compare', ...(await compareSides(request, request.options, request.limits)) };
  }
  if (isArchiveRequest(request)) return answerArchive(request);
  const { archive: packedArchive, limits } = request;
  const archive = streamOfBytes(packedArchive);
  if (request.kind === 'inspect') {
    const small = unpackSmall(bufferOf(packedArchive), maxSyncUnpackBytes);
    return { kind: 'inspect', summary: toSummaryTexts(await summarizeArchive(small ?? archive, limits)) };
  }
  const wanted: unknown = JSON.parse(request.wanted);
  if (!isObject(wanted)) throw new Error('a request to rewrite has no JSON object');
  const files = await readArchiveFiles(archive, limits);
  const changed = request.file === 'values' ? replaceValues(files, wanted) : replaceManifest(files, wanted);
  const chart = await readChartFiles(request.chart, changed.files, limits);
  const summary = toSummaryTexts(summarizeChart(chart));
  const unchecked = request.file === 'values' ? checkBodyValues(chart) : [];
  const packed = await packArchive(request.chart, changed.files);
  const lost = changed.lost && explainLostComments(changed.lost.file, changed.lost.reason);
  return { kind: 'rewrite', archive: new Uint8Array(packed), summary, lost, unchecked };
}

function toSummaryTexts({ metadata, values, ...rest }: ChartSummary): SummaryTexts {
  return {
    ...rest,
    metadata: JSON.stringify(metadata),
    ...(values ? { values: JSON.stringify(values) } : {}),
  };
}

function transferredBytesOf(result: ChartAnswer): Uint8Array | undefined {
  if (result.kind === 'rewrite' || result.kind === 'compose') return result.archive;
  if (result.kind === 'contents') return result.contents.bytes;
  if (result.kind === 'file') return result.bytes;
  return 'json' in result ? result.json : undefined;
}

lowerPriority();
parentPort?.on('message', async (request: ChartRequest) => {
  try {
    const result = await answerChartRequest(request);
    const bytes = transferredBytesOf(result)?.buffer;
    // Transfer the bytes instead of copying them.
    parentPort?.postMessage(result, bytes instanceof ArrayBuffer ? [bytes] : []);
  } catch (error) {
    // Any other error ends the thread, and is passed to the caller.
    if (!(error instanceof RegistryError)) throw error;
    const { code, message, details } = error;
    parentPort?.postMessage({ kind: 'fault', code, message, details } satisfies ChartAnswer);
  }
});
parentPort?.postMessage('ready');

import { readWithRight } from '../access/read-with-right.ts';
import type { InFlight } from '../read-cache/in-flight.ts';
import type { ParsedRecipe } from '../recipe/read-recipe.ts';
import type { ParsedRecomposition } from '../recipe/read-recomposition.ts';
import type { Configuration, ValuesMode } from '../recipe/recipe.ts';
import type { Warning } from '../recipe/warning.ts';
import type { JsonText } from '../registry/documents.ts';
import { readLineageRecipe } from '../registry/lineage-recipe.ts';
import { checkVersionRef, versionNameOf } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import { pickVersion } from '../registry/pick-version.ts';
import type { VersionRef } from '../registry/registry.ts';
import { getKey, isObject } from '../yaml/json.ts';
import { type DryRunRequest, dryRun } from './dry-run.ts';
import { digestOfBody, findJobByIdempotencyKey } from './idempotency.ts';
import type { Job } from './job.ts';
import { mayReadJob } from './job-access.ts';
import type { JobDeps } from './jobs.ts';
import { findNextVersion, isVersionTakenError } from './next-target.ts';
import { jobAuthorOf } from './recipe-rights.ts';
import { submitJob } from './submit.ts';

/** Request to compose a version's recipe again. */
export interface Recomposition extends ParsedRecomposition {
  /** Composed version whose lineage has the recipe; its version may be `latest`. */
  from: VersionRef;
}

/** Recomposition whose job is kept. */
export interface RecompositionRequest extends Recomposition {
  /** Text that an idempotency key stands for, besides the version's names: the request's body. */
  bodyText: string;
  idempotencyKey?: string;
}

/** Attempts to find a version that nobody else takes meanwhile. */
const maxAttempts = 10;

/**
 * Composes the recipe of a version's lineage again, with its ranges resolved now. The recomposition is a job like that of any
 * recipe. Where others take the next version meanwhile, the following one is tried.
 * @throws {RegistryError} the errors of `submitJob` and of `readLineageRecipe`; `recipe.invalid` with a pointer into the
 *   recipe as changed
 */
export async function recompose(jobs: JobDeps, request: RecompositionRequest): Promise<Job> {
  const { from, idempotencyKey } = request;
  const { space, chart } = from;
  await jobs.actor.require('chart.read', { space, chart });
  // The key stands for the path too: the same body means something else for another version.
  const bodyText = `${versionNameOf(from)}\n${request.bodyText}`;
  const keyed = { space, bodyText, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
  const earlier = await findJobByIdempotencyKey(
    jobs.db,
    keyed,
    digestOfBody(bodyText),
    await jobAuthorOf(jobs.actor),
  );
  // The key may be of another token of the author, for other charts.
  if (earlier && (await mayReadJob(jobs.actor, earlier))) return earlier;
  const changed = await changeRecipe(jobs, request);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await submitJob(jobs, { ...keyed, ...(await readChangedRecipe(jobs, changed)) });
    } catch (error) {
      if (!isVersionTakenError(error) || 'version' in request.to || attempt === maxAttempts) throw error;
    }
  }
}

/** Answers what a recomposition would make, as a dry run of its recipe does. @throws {RegistryError} as `recompose` */
export async function dryRunRecomposition(
  jobs: JobDeps,
  { against, ...recomposition }: Recomposition & Pick<DryRunRequest, 'against'>,
  inFlight: InFlight,
): Promise<JsonText> {
  const { space } = recomposition.from;
  const changed = await changeRecipe(jobs, recomposition);
  return dryRun(jobs, { space, ...(await readChangedRecipe(jobs, changed)), against }, inFlight);
}

/** Recipe of a lineage with its changes, which has no version yet. */
interface ChangedRecipe extends Pick<Recomposition, 'to' | 'callback'> {
  from: VersionRef;
  text: JsonText;
  /** Name of the chart that it makes. */
  chart: string;
  values: ValuesMode;
  warnings: Warning[];
}

/** Reads the recipe of the lineage, with the right to read its chart, and applies the changes. */
async function changeRecipe(jobs: JobDeps, recomposition: Recomposition): Promise<ChangedRecipe> {
  const { to, callback, changes } = recomposition;
  const { space, chart: stored } = recomposition.from;
  const { from, recipe, values, isModified } = await readWithRight(
    jobs.actor,
    'chart.read',
    { space, chart: stored },
    async () => {
      const latest = await resolveLatest(jobs, recomposition.from);
      return { from: latest, ...(await readLineageRecipe(jobs, latest)) };
    },
  );
  // Permission to replace a version was for that once, unless the changes give it again.
  const changed = await jobs.charts.patchObject(from.space, recipe, [removeReplacePatch, changes], ['save']);
  const { save } = changed.fields;
  const named = isObject(save) ? getKey(save, 'chart') : undefined;
  const chart = typeof named === 'string' ? named : from.chart;
  return {
    from,
    to,
    callback,
    text: changed.text,
    chart,
    values,
    warnings: isModified ? [modifiedLineageWarning(from)] : [],
  };
}

const removeReplacePatch = '{"save":{"replace":null}}';

/** Reads a changed recipe under the version that it gets now. */
async function readChangedRecipe(
  jobs: JobDeps,
  changed: ChangedRecipe,
): Promise<ParsedRecipe<Configuration>> {
  const { from, to, callback, text, chart, values, warnings } = changed;
  const { space } = from;
  const version = 'next' in to ? await findNextVersion(jobs.db, from, chart, to.next) : to.version;
  const patched = await jobs.charts.patchObject(space, text, [JSON.stringify({ save: { version } })], []);
  const read = await jobs.charts.readRecipe(patched.text, { space, values });
  const recipe = callback ? { ...read.recipe, callback } : read.recipe;
  return { ...read, recipe, ignored: [...read.ignored, ...warnings] };
}

async function resolveLatest(jobs: JobDeps, from: VersionRef): Promise<VersionRef> {
  const version = from.version === 'latest' ? await pickVersion(jobs.db, from, 'latest') : from.version;
  if (version === undefined) throw await explainMissing(jobs.db, from, await jobs.actor.scope());
  const exact = { ...from, version };
  checkVersionRef(exact);
  return exact;
}

function modifiedLineageWarning(from: VersionRef): Warning {
  const message = `The values or metadata of ${versionNameOf(from)} were rewritten after it was composed. The new version is made of the recipe alone: repeat what should stay in \`changes\`.`;
  return { code: 'lineage.modified', pointer: '', message };
}

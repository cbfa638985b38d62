import type { Recomposition } from '../../../client/src/index.ts';
import { usageError } from '../command-error.ts';
import { findVersion } from '../find-version.ts';
import { parseChartAddress } from '../parse-address.ts';
import { toRecipeConfig } from '../recipes/parse-set.ts';
import { parseSetOptions, type RecipeOptions, showDryRun, showJob } from '../recipes/send-recipe.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry recompose`. */
export interface RecomposeOptions extends RecipeOptions {
  next?: NonNullable<Recomposition['next']>;
  as?: string;
}

/** Runs `helm-registry recompose`. */
export async function recompose(session: Session, text: string, options: RecomposeOptions): Promise<void> {
  const { signal } = session;
  const { next, as } = options;
  const set = parseSetOptions(options);
  if ((next === undefined) === (as === undefined))
    throw usageError('say which version is made: either --next patch|minor|major|prerelease or --as VERSION');
  const wanted: Recomposition = {
    ...(next === undefined ? {} : { next }),
    ...(as === undefined ? {} : { version: as }),
    ...(set.length === 0
      ? {}
      : { changes: JSON.parse(JSON.stringify({ configs: { _config: toRecipeConfig(set) } })) }),
  };
  const version = await findVersion(await session.connect(), parseChartAddress(text), signal);
  if (options.dryRun) return showDryRun(session, await version.dryRunRecompose(wanted, { signal }));
  return showJob(session, await version.recompose(wanted, { signal }), options);
}

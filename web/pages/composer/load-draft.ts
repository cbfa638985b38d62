import { findLatestVersion, readJobRecipe, readLineageRecipe } from './composer-api.ts';
import type { Composer } from './composer-state.ts';
import { listOwnSpaces, noSpaces, withDefaultSpace } from './default-space.ts';
import { fromRecipe } from './draft-of-recipe.ts';
import { addChart, createSourceOfFoundChart, nextPatchVersion } from './edit-draft.ts';

/** Parts of the address that say with what a composer begins. */
export interface DraftRequest {
  from: string | undefined;
  job: string | undefined;
  add: string | undefined;
}

/**
 * Loads what the address asks for into a composer. The address asks for the recipe of a composed version or a job, or a chart to
 * add.
 * @param ask.from `SPACE/CHART/VERSION` of a composed version; the draft gets the next patch version
 * @param ask.job id of a job, mostly one that failed; the draft keeps its version
 * @param ask.add `SPACE/CHART` of a chart, which is added below the root
 * @throws {Error} that says why it cannot be loaded
 */
export async function loadDraft(composer: Composer, ask: DraftRequest, signal: AbortSignal): Promise<void> {
  if (ask.from !== undefined) {
    const [space = '', chart = '', version = ''] = ask.from.split('/');
    const recipe = await readLineageRecipe({ space, chart, version }, signal);
    if (recipe === undefined)
      throw new Error(
        'The recipe of this version is not shown to you: it has sources that you may not read.',
      );
    const draft = fromRecipe(recipe, space);
    composer.change({ ...draft, version: nextPatchVersion(version), replace: false });
    composer.selected.value = composer.draft.value.root.id;
  }
  if (ask.job !== undefined) {
    const { space, recipe } = await readJobRecipe(ask.job, signal);
    composer.change(fromRecipe(recipe, space));
    composer.selected.value = composer.draft.value.root.id;
  }
  if (ask.add !== undefined) {
    const [space = '', chart = ''] = ask.add.split('/');
    const version = await findLatestVersion(space, chart, signal);
    if (version === undefined) throw new Error(`There is no chart ${ask.add} that you may read.`);
    const own = await listOwnSpaces().catch(() => noSpaces);
    composer.draft.value = withDefaultSpace(composer.draft.value, own, space);
    const { root } = composer.draft.value;
    const added = addChart(root, root.id, createSourceOfFoundChart({ space, chart, version }));
    composer.changeRoot(added.root, added.id);
  }
}

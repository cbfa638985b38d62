import { readFile } from 'node:fs/promises';
import { text as readText } from 'node:stream/consumers';
import { usageError } from '../command-error.ts';
import { parseSpace } from '../parse-address.ts';
import { parseSetOptions, type RecipeOptions, showDryRun, showJob } from '../recipes/send-recipe.ts';
import { setInRecipe } from '../recipes/set-in-recipe.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry compose`. */
export interface ComposeOptions extends RecipeOptions {
  file: string;
}

/** Runs `helm-registry compose`. */
export async function compose(session: Session, spaceName: string, options: ComposeOptions): Promise<void> {
  const { signal } = session;
  const space = parseSpace(spaceName);
  const recipe = setInRecipe(await readRecipe(options.file), parseSetOptions(options));
  const client = await session.connect();
  if (options.dryRun) return showDryRun(session, await client.dryRun(space, recipe, { signal }));
  return showJob(session, await client.compose(space, recipe, { signal }), options);
}

async function readRecipe(file: string): Promise<string> {
  if (file === '-') return readText(process.stdin);
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw usageError(`cannot read the recipe ${file}: there is no such file, or it is not readable`, error);
  });
}

import type { Context as HonoContext } from 'hono';
import { markRefusal, refusalOf } from '../../core/access/refusals.ts';
import type { ChartWork } from '../../core/chart-work/chart-work.ts';
import { findRecipePlaces } from '../../core/chart-work/find-recipe-places.ts';
import { isRegistryError, RegistryError } from '../../core/errors.ts';
import { addPlaceToError, pointersOf } from '../../core/recipe/place-pointers.ts';
import type { RecipeFormat } from '../../core/recipe/read-recipe.ts';
import { readBodyBytes } from './body.ts';
import type { Env } from './env.ts';

/** Body of a request that is a recipe. */
export interface RecipeBody {
  text: string;
  format: RecipeFormat;
}

const yamlTypes = /^\s*(?:application|text)\/(?:x-)?yaml\s*(?:;|$)/i;

/** Registered content type of a recipe in YAML, for `/openapi.json`. Older names of YAML are accepted too. */
export const yamlContentType = 'application/yaml';

// Hint for archives sent as the body: uploads have the same path.
const howToUpload =
  ' A recipe is JSON or YAML; an archive comes in the field chartfile of a form, as `curl -F chartfile=@FILE` sends it.';

/**
 * Reads the body of a recipe: YAML where its content type says so, otherwise JSON.
 * @throws {RegistryError} `request.tooLarge`, `request.incomplete`, and `request.notJson` or `request.notYaml` for
 *   bytes that are not UTF-8
 */
export async function readRecipeBody(c: HonoContext<Env>, limit: number): Promise<RecipeBody> {
  const format = yamlTypes.test(c.req.header('content-type') ?? '') ? 'yaml' : 'json';
  const bytes = await readBodyBytes(c, limit);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), format };
  } catch {
    const code = format === 'yaml' ? 'request.notYaml' : 'request.notJson';
    throw new RegistryError(code, `The body is not UTF-8.${howToUpload}`);
  }
}

/**
 * Runs the work of a recipe, and adds places in the body to its errors. In YAML each error with a pointer gets
 * line and column, also one that needed the registry to be found.
 * @param isInBody whether the pointer of an error is into the body; by default each is
 */
export async function withErrorLocations<T>(
  charts: ChartWork,
  space: string,
  body: RecipeBody,
  run: () => Promise<T>,
  isInBody: (error: unknown) => boolean = () => true,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isInBody(error) ? await locateBodyError(charts, space, body, error) : error;
  }
}

async function locateBodyError(
  charts: ChartWork,
  space: string,
  { text, format }: RecipeBody,
  error: unknown,
): Promise<unknown> {
  if (format === 'json') return isRegistryError(error, 'request.notJson') ? hintAtFormat(text, error) : error;
  if (isRegistryError(error, 'request.notYaml') && !text.trim().includes('\n'))
    return withHint(error, 'The body is one line: curl keeps lines with --data-binary only.');
  if (!(error instanceof RegistryError)) return error;
  const located = addPlaceToError(error, await findRecipePlaces(charts, { space, text }, pointersOf(error)));
  const refusal = refusalOf(error);
  return refusal ? markRefusal(located, refusal) : located;
}

/** Adds to the error of a body that is not JSON how YAML is sent, unless the body looks like JSON. */
function hintAtFormat(text: string, error: RegistryError): RegistryError {
  const isLikeJson = /^\s*(?:[[{]|$)/.test(text);
  return isLikeJson ? error : withHint(error, 'Send a recipe in YAML with Content-Type: application/yaml.');
}

function withHint({ code, message, details }: RegistryError, hint: string): RegistryError {
  return new RegistryError(code, `${message}. ${hint}`, details);
}

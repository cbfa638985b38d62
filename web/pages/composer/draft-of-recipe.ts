import { stringify } from 'yaml';
import { createNode, type Draft, type DraftNode, type DraftPackage } from './draft.ts';
import { escapePointer } from './recipe-of-draft.ts';

/** Recipe that the composer cannot show, with the place of what is wrong. */
export class RecipeShapeError extends Error {
  constructor(
    message: string,
    readonly pointer: string,
  ) {
    super(message);
    this.name = 'RecipeShapeError';
  }
}

/**
 * Reads a recipe into a draft. The registry judges a recipe; only what the form could not show is refused.
 * @param space space of the new chart, which a recipe does not have
 * @throws {RecipeShapeError}
 */
export function fromRecipe(recipe: unknown, space: string): Draft {
  const { save, configs, callback } = readMap(recipe, '');
  const { chart, version, description, values, replace, from, ...otherSave } = readMap(save ?? {}, '/save');
  return {
    space,
    chart: readText(chart, '/save/chart'),
    version: readText(version, '/save/version'),
    description: readText(description, '/save/description'),
    values: readChoice(values ?? 'merge', ['merge', 'replace', 'literal'], '/save/values'),
    replace: replace === true,
    from: Array.isArray(from) ? from.map((name, index) => readText(name, `/save/from/${index}`)) : [],
    otherSave,
    ...(callback === undefined ? {} : { callback }),
    root: readNode('', configs ?? {}, '/configs', space),
  };
}

function readNode(name: string, value: unknown, pointer: string, space: string): DraftNode {
  const { package: source, _config: config, ...children } = readMap(value, pointer);
  if (name !== '' && !source)
    throw new RecipeShapeError('A subchart needs a “package”: the chart that it is taken from.', pointer);
  return createNode({
    name,
    ...(source ? { package: readPackage(source, `${pointer}/package`, space) } : {}),
    config: config === undefined ? '' : stringify(readMap(config, `${pointer}/_config`)),
    children: Object.entries(children).map(([key, child]) =>
      readNode(key, child, `${pointer}/${escapePointer(key)}`, space),
    ),
  });
}

function readPackage(value: unknown, pointer: string, target: string): DraftPackage {
  const { independent, space, chart, version, subcharts } = readMap(value, pointer);
  return {
    independent: independent !== false,
    space: space === undefined ? target : readText(space, `${pointer}/space`),
    chart: readText(chart, `${pointer}/chart`),
    version: readText(version, `${pointer}/version`),
    subcharts: readChoice(subcharts ?? 'drop', ['drop', 'keep', 'resolve'], `${pointer}/subcharts`),
  };
}

function readMap(value: unknown, pointer: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new RecipeShapeError(`${pointer === '' ? 'A recipe' : pointer} must be a map of keys.`, pointer);
}

function readText(value: unknown, pointer: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new RecipeShapeError(`${pointer} must be a text; a version such as 1.10 needs quotes.`, pointer);
}

function readChoice<Choice extends string>(
  value: unknown,
  choices: readonly Choice[],
  pointer: string,
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new RecipeShapeError(`${pointer} must be one of ${choices.join(', ')}.`, pointer);
}

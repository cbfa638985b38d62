import { suggestName } from '../runtime/nearest-name.ts';
import { type NextStep, nextSteps } from '../semver/next-version.ts';
import { isStrictVersion } from '../semver/version.ts';
import { getKey, type Json, type JsonObject } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { checkBody } from './check-body.ts';
import {
  expectMatch,
  expectObject,
  expectString,
  invalidKey,
  invalidRecipe,
  locateKey,
  quoteClientText,
} from './expect.ts';
import { parseCallback } from './parse.ts';
import { parseJsonText } from './parse-text.ts';
import type { RecipeFormat } from './read-recipe.ts';
import type { Recipe } from './recipe.ts';
import { parseYamlText } from './yaml/parse-yaml.ts';

/** Version that a recomposition makes: one step after the highest of its line, or an explicit one. */
export type RecomposedVersion = { next: NextStep } | { version: string };

/** Body of a request to compose the recipe of a version again. */
export interface ParsedRecomposition {
  to: RecomposedVersion;
  /** JSON merge patch of the recipe, as text: the event loop passes it on unread. */
  changes: string;
  callback?: Recipe['callback'];
}

const recompositionKeys = ['next', 'version', 'changes', 'callback'];

/**
 * Reads the body of a request to recompose.
 * @throws {RegistryError} `recipe.invalid` with a pointer into the body; as `parseJsonText` or `parseYamlText`, and
 *   `checkBody`; in YAML each with line and column
 */
export function readRecomposition(text: string, format: RecipeFormat): ParsedRecomposition {
  if (format === 'json') return parseRecompositionBody(parseJsonText(text));
  const { value, locate: locateError } = parseYamlText(text);
  try {
    return parseRecompositionBody(value);
  } catch (error) {
    throw locateError(error);
  }
}

function parseRecompositionBody(value: Json): ParsedRecomposition {
  checkBody(value);
  const body = expectObject({ value, pointer: '' }, 'with `next` or `version`, and perhaps `changes`');
  const unknown = Object.keys(body).find((key) => !recompositionKeys.includes(key));
  if (unknown !== undefined)
    throw invalidKey(
      appendPointer('', unknown),
      `is not a key here. ${suggestName(unknown, recompositionKeys)}`,
    );
  const to = readVersion(body);
  const changes = getKey(body, 'changes') === undefined ? {} : readChanges(body, to);
  const callback = parseCallback(locateKey(body, '', 'callback'));
  return { to, changes: JSON.stringify(changes), ...(callback ? { callback } : {}) };
}

function readVersion(body: JsonObject): RecomposedVersion {
  const [next, version] = [locateKey(body, '', 'next'), locateKey(body, '', 'version')];
  if (next.value === undefined && version.value === undefined)
    throw invalidRecipe(
      '/next',
      `is missing: say ${nextStepChoices}, or give the new version in \`version\``,
    );
  if (next.value !== undefined && version.value !== undefined)
    throw invalidRecipe('/version', 'stands beside `next`: give one of them');
  if (version.value !== undefined)
    return {
      version: expectMatch(version, 'a SemVer 2 version such as 1.2.3 or 1.2.3-rc.1', isStrictVersion),
    };
  const text = expectString(next, nextStepChoices);
  const step = nextSteps.find((known) => known === text);
  if (step) return { next: step };
  throw invalidRecipe(
    '/next',
    `must be ${nextStepChoices}, not ${quoteClientText(text)}. ${suggestName(text, nextSteps)}`,
  );
}

const nextStepChoices = '"patch", "minor", "major" or "prerelease"';

/** Reads the changes, without what has a place of its own in the body. */
function readChanges(body: JsonObject, to: RecomposedVersion): JsonObject {
  const changes = expectObject(locateKey(body, '', 'changes'), 'that is a JSON merge patch of the recipe');
  if (getKey(changes, 'callback') !== undefined)
    throw invalidKey('/changes/callback', 'has another place: put `callback` beside `changes`');
  const save = locateKey(changes, '/changes', 'save');
  if (save.value === undefined) return changes;
  const saved = expectObject(save, 'with the keys of `save` that change');
  if (getKey(saved, 'version') !== undefined)
    throw invalidKey('/changes/save/version', 'has another place: put `version` beside `changes`');
  if ('next' in to && getKey(saved, 'replace') === true)
    throw invalidRecipe(
      '/changes/save/replace',
      'has no meaning with `next`, which always makes a new version: give the one to replace in `version`',
    );
  return changes;
}

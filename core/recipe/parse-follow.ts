import type { RegistryError } from '../errors.ts';
import { isObject, type JsonObject } from '../yaml/json.ts';
import {
  expectBoolean,
  expectKnownKeys,
  expectMatch,
  expectObject,
  invalidRecipe,
  isAbsent,
  type Located,
  locateKey,
} from './expect.ts';
import { type FollowSettings, followedSteps, followVersions, maxKeep, readWait } from './follow-settings.ts';

const followKeys = ['on', 'next', 'wait', 'prereleases', 'keep'];

/**
 * Parses `save.follow`, or the settings that a request sets for a chart.
 * @param hasRoot whether the chart has a root source, whose version it may have
 * @returns undefined where it is absent or null
 * @throws {RegistryError} `recipe.invalid`
 */
export function parseFollow({ value, pointer }: Located, hasRoot = true): FollowSettings | undefined {
  if (isAbsent(value)) return undefined;
  const follow = expectObject(
    { value, pointer },
    'with perhaps `on`, `next`, `wait`, `prereleases` and `keep`',
  );
  expectKnownKeys(follow, pointer, followKeys);
  const next = parseWord(locateKey(follow, pointer, 'next'), followVersions, 'patch');
  if (next === 'same-as-source' && !hasRoot) throw rootMissingError(`${pointer}/next`);
  const keep = parseKeep(locateKey(follow, pointer, 'keep'));
  return {
    on: parseWord(locateKey(follow, pointer, 'on'), followedSteps, 'any'),
    next,
    wait: parseWait(locateKey(follow, pointer, 'wait')),
    prereleases: parsePrereleases(locateKey(follow, pointer, 'prereleases')),
    ...(keep === undefined ? {} : { keep }),
  };
}

/** Makes the error for a chart without the root source whose version it needs. */
export function rootMissingError(pointer: string): RegistryError {
  return invalidRecipe(
    pointer,
    'cannot be "same-as-source": the chart has no root source, so nothing has its version. Use "patch" or "minor"',
  );
}

function parseWord<Word extends string>(located: Located, words: readonly Word[], fallback: Word): Word {
  if (isAbsent(located.value)) return fallback;
  const found = words.find((word) => word === located.value);
  if (found !== undefined) return found;
  throw invalidRecipe(located.pointer, `must be ${words.map((word) => `"${word}"`).join(', ')}`);
}

function parseWait(located: Located): string {
  if (isAbsent(located.value)) return '10m';
  const isWait = (text: string) => readWait(text) !== undefined;
  return expectMatch(located, 'a time up to a day, such as "30s", "10m" or "2h"', isWait);
}

function parsePrereleases(located: Located): boolean {
  return isAbsent(located.value) ? false : expectBoolean(located, 'whether pre-releases of sources count');
}

function parseKeep({ value, pointer }: Located): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxKeep) return value;
  throw invalidRecipe(pointer, `must be a whole number from 1 to ${maxKeep}: the versions to keep`);
}

/**
 * Leaves `save.follow` out of a recipe. A follow is about the chart, and changes without a new version. So a recipe
 * that is composed again says nothing of it.
 */
export function withoutFollow(body: JsonObject): JsonObject {
  const { save } = body;
  if (!isObject(save) || !Object.hasOwn(save, 'follow')) return body;
  const { follow: _, ...rest } = save;
  return { ...body, save: rest };
}

import { findValueAt } from '../../chart/enabled-charts.ts';
import { equalJson, getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { configTree } from '../compose-values.ts';
import { locateValue } from '../locate-value.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import { joinFirstNames, type Warning } from '../warning.ts';
import type { ChartPlace } from './places.ts';

/**
 * Finds global values that the recipe sets below the root without effect.
 * Helm passes the parent's globals down, and they win (chartutil, coalesceGlobals). There is one warning for each
 * chart.
 */
export function findOverriddenGlobals(root: ResolvedNode, places: readonly ChartPlace[]): Warning[] {
  const config = configTree(root);
  return places.flatMap((place): Warning[] => {
    const configured = place.path.length > 0 ? findValueAt(config, [...place.path, 'global']) : undefined;
    if (!isObject(configured)) return [];
    const lost = findLostPaths(configured, getKey(place.after, 'global'), []);
    const [first] = lost;
    if (!first) return [];
    const names = joinFirstNames(lost.map((path) => ['global', ...path].join('.')));
    const name = place.path.at(-1) ?? '';
    const message = `${names} of ${name} has no effect: a chart above it has global values of that name, and they win. Set it in the root's _config, for all charts, or as a value of ${name} that is not global.`;
    const value = ['global', ...first].join('.');
    const pointer = locateValue(root, [...place.path, 'global', ...first]);
    return [{ code: 'global.overridden', pointer, message, value }];
  });
}

/** Lists paths whose values differ from the recipe's; nulls are skipped, because a null removes. */
function findLostPaths(
  configured: JsonObject,
  computed: Json | undefined,
  path: readonly string[],
): string[][] {
  return Object.entries(configured).flatMap(([key, value]): string[][] => {
    const here = [...path, key];
    const actual = isObject(computed) ? getKey(computed, key) : undefined;
    if (value === null) return [];
    if (isObject(value) && (isObject(actual) || Object.keys(value).length > 0)) {
      return isObject(actual) ? findLostPaths(value, actual, here) : [here];
    }
    return actual !== undefined && equalJson(actual, value) ? [] : [here];
  });
}

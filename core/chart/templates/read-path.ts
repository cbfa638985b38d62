import { type Meaning, unknownMeaning } from './meaning.ts';

/** Largest number of keys from `.Values` to a value; hand-written templates have some ten. */
const maxKeys = 100;

/** Keys of Helm's context that lead neither to values nor to subcharts. */
const ignoredContextKeys = new Set(['Capabilities', 'Chart', 'Files', 'Release', 'Template']);

/**
 * Finds the meaning of keys below a meaning.
 * @param safe whether an absent start is not a failure: it is a variable, or a result in parentheses
 */
export function meaningAtKeys(base: Meaning, keys: readonly string[], safe: boolean): Meaning {
  const [first, ...rest] = keys;
  if (first === undefined) return base;
  switch (base.kind) {
    case 'context':
      return meaningInContext(base.charts, first, rest);
    case 'argument':
      return first === 'Values' || first === 'Subcharts'
        ? meaningInContext([], first, rest)
        : meaningInArgument(rest);
    case 'subcharts':
      return meaningAtKeys({ kind: 'context', charts: [...base.charts, first] }, rest, safe);
    case 'values': {
      if (base.path.length + keys.length > maxKeys) return unknownMeaning;
      const path = [...base.path, ...keys];
      // `.Values` itself is always there, so a variable makes no difference below it.
      const isAtRoot = base.path.length === (base.charts ?? 0);
      return { ...base, path, needs: safe && !isAtRoot ? base.needs : path.length - 1 };
    }
    case 'unknown':
      return unknownMeaning;
  }
}

function meaningInContext(charts: readonly string[], first: string, rest: readonly string[]): Meaning {
  if (charts.length + rest.length > maxKeys) return unknownMeaning;
  if (first === 'Subcharts') return meaningAtKeys({ kind: 'subcharts', charts }, rest, false);
  if (first === 'Values') {
    const path = [...charts, ...(rest[0] === 'AsMap' ? rest.slice(1) : rest)];
    const more = charts.length > 0 ? { charts: charts.length } : {};
    return { kind: 'values', path, needs: Math.max(path.length - 1, 0), ...more };
  }
  return charts.length > 0 || ignoredContextKeys.has(first) ? unknownMeaning : meaningInArgument(rest);
}

function meaningInArgument(keys: readonly string[]): Meaning {
  return meaningAtKeys({ kind: 'argument' }, keys, false);
}

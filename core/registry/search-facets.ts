import { type FacetName, facetNames } from './search-query.ts';

/** Most values of a facet, the most frequent. */
const maxValues = 50;

/** Value of a field, and the number of found charts that have it. */
export interface FacetValue<T = string> {
  value: T;
  count: number;
}

/** Values of the fields of found charts, the most frequent first. */
export interface Facets {
  space: FacetValue[];
  keyword: FacetValue[];
  type: FacetValue[];
  deprecated: FacetValue<boolean>[];
  signed: FacetValue<boolean>[];
}

const facetValuesSql: Record<FacetName, string> = {
  space: 'SELECT space AS value FROM found',
  keyword: 'SELECT unnest(keywords) AS value FROM found',
  type: 'SELECT type AS value FROM found',
  deprecated: 'SELECT deprecated AS value FROM found',
  signed: 'SELECT signed AS value FROM found',
};

/**
 * Writes SQL of the facets as one JSON document. Each counts what the other chosen fields leave, not its own.
 * @param chosen fields by which the search is narrowed; `found` has a column `in_FIELD` for each
 */
export function writeFacets(chosen: readonly FacetName[]): string {
  const facets = facetNames.map((name) => {
    const others = chosen.filter((other) => other !== name).map((other) => `in_${other}`);
    const where = others.length > 0 ? `WHERE ${others.join(' AND ')}` : '';
    return `'${name}', (
      SELECT coalesce(json_agg(json_build_object('value', value, 'count', count) ORDER BY count DESC, value), '[]')
        FROM (SELECT value, count(*) AS count FROM (${facetValuesSql[name]} ${where}) listed
               GROUP BY value ORDER BY count DESC, value LIMIT ${maxValues}) counted)`;
  });
  return `json_build_object(${facets.join(', ')})`;
}

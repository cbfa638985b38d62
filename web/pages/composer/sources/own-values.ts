import { isMap, type JsonMap } from '../../../parts/values/schema-places.ts';

/** Largest `values.yaml` that the page parses, in characters. */
const maxLength = 1_000_000;

/**
 * Reads the values that a chart itself sets, for itself and charts inside. A text that is too large would stop the page,
 * and so all values that templates get count as the chart's own.
 * @param text of `values.yaml`
 * @param parse parses YAML
 * @param values that templates get, those of charts inside too
 */
export function readOwnValues(text: string, parse: (text: string) => unknown, values: JsonMap): JsonMap {
  if (text.length > maxLength) return values;
  const own = parse(text);
  return isMap(own) ? own : {};
}

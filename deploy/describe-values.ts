import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';

/** Value of a chart as its README describes it. */
interface Described {
  path: string;
  fallback: string;
  words: string;
}

/**
 * Makes the table of a chart's values from the comments of its values.yaml, in Markdown.
 * A group with a comment of its own has a row without a default, before those of its values.
 * @throws {Error} for a text that is no map
 */
export function describeValues(text: string): string {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) throw new Error('values.yaml is no map');
  const rows = list(contents, '').map(
    ({ path, fallback, words }) => `| \`${path}\` | ${fallback} | ${words.replaceAll('|', '\\|')} |`,
  );
  return ['| value | default | what it does |', '|---|---|---|', ...rows].join('\n');
}

function list(map: YAMLMap, prefix: string): Described[] {
  return map.items.flatMap((pair, index) => {
    const path = `${prefix}${isScalar(pair.key) ? String(pair.key.value) : ''}`;
    // The comment of the first key belongs to the map.
    const words = commentOf(pair) || (index === 0 ? tidy(map.commentBefore) : '');
    if (isGroup(pair.value)) {
      const rows = list(pair.value, `${path}.`);
      return words === '' ? rows : [{ path, fallback: '', words }, ...rows];
    }
    return [{ path, fallback: `\`${show(pair.value)}\``, words }];
  });
}

/** Tells a group of values from a value: a group is written over several lines, `{ ... }` is one value. */
function isGroup(value: unknown): value is YAMLMap {
  return isMap(value) && value.flow !== true && value.items.length > 0;
}

function commentOf({ key }: Pair): string {
  return isScalar(key) ? tidy(key.commentBefore) : '';
}

function tidy(comment: string | null | undefined): string {
  return (comment ?? '')
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

function show(value: unknown): string {
  const plain: unknown =
    typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function'
      ? value.toJSON()
      : value;
  return JSON.stringify(plain);
}

/** Known keys of a chart's values: its schema, and its defaults. */
export interface KnownValues {
  schema: unknown;
  values: unknown;
}

/** Key that may be typed at a place. */
export interface KnownKey {
  name: string;
  /** Type by the schema, or that of the default. */
  type?: string;
  description?: string;
  /** Default as JSON, shortened. */
  default?: string;
}

const maxDefaultLength = 60;

/** Finds the keys that a chart knows below a path of keys, by name. */
export function findKnownKeys({ schema, values }: KnownValues, path: readonly string[]): KnownKey[] {
  const schemas = path.reduce<unknown[]>(
    (here, key) => here.flatMap((place) => propertiesOf(schema, place)[key] ?? []),
    [schema],
  );
  const keys = new Map<string, KnownKey>();
  for (const place of schemas)
    for (const [name, property] of Object.entries(propertiesOf(schema, place)))
      keys.set(name, describe(name, resolve(schema, property)));
  const defaults = toMap(path.reduce<unknown>((here, key) => toMap(here)[key], values));
  for (const [name, value] of Object.entries(defaults)) {
    const shown = value === null ? 'null' : JSON.stringify(value);
    const known = keys.get(name) ?? { name, type: typeOf(value) };
    keys.set(name, { ...known, default: shorten(shown) });
  }
  return [...keys.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Finds the path of keys around a line of YAML in block style, by its indentation.
 * @param lines lines of the text
 * @param index line of the cursor, from 0
 * @returns the keys above it, the outermost first
 */
export function pathOfLine(lines: readonly string[], index: number, indent: number): string[] {
  const path: string[] = [];
  let limit = indent;
  for (let number = index - 1; number >= 0 && limit > 0; number -= 1) {
    const match = /^( *)(?:- +)?(?:"([^"]*)"|'([^']*)'|([^\s#:'"][^:]*?))\s*:(?:\s|$)/.exec(
      lines[number] ?? '',
    );
    const width = match?.[1]?.length ?? limit;
    if (!match || width >= limit) continue;
    path.unshift(match[2] ?? match[3] ?? match[4] ?? '');
    limit = width;
  }
  return path;
}

function propertiesOf(root: unknown, place: unknown): Record<string, unknown> {
  const { properties, allOf } = toMap(resolve(root, place));
  const inherited = Array.isArray(allOf) ? allOf.map((part) => propertiesOf(root, part)) : [];
  return Object.assign({}, ...inherited, toMap(properties));
}

/** Follows a reference within the schema; others are not followed. */
function resolve(root: unknown, place: unknown, depth = 0): unknown {
  const { $ref: reference } = toMap(place);
  if (typeof reference !== 'string' || !reference.startsWith('#/') || depth > 20) return place;
  const keys = reference
    .slice(2)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return resolve(
    root,
    keys.reduce<unknown>((here, key) => toMap(here)[key], root),
    depth + 1,
  );
}

function describe(name: string, property: unknown): KnownKey {
  const { type, description, title } = toMap(property);
  const text = typeof description === 'string' ? description : title;
  return {
    name,
    ...(typeof type === 'string' ? { type } : Array.isArray(type) ? { type: type.join(' | ') } : {}),
    ...(typeof text === 'string' ? { description: text } : {}),
  };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : typeof value;
}

function shorten(text: string): string {
  return text.length > maxDefaultLength ? `${text.slice(0, maxDefaultLength - 1)}…` : text;
}

function toMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

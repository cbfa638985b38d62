import { RegistryError } from '../errors.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { parseYamlStrings } from '../yaml/yaml.ts';

/** Link with its name. */
export interface AnnotatedLink {
  name: string;
  url: string;
}

/** Entry of a list of changes. */
export interface AnnotatedChange {
  kind?: string;
  description: string;
  links: AnnotatedLink[];
}

/** Lists in the annotations that Artifact Hub defines; each is YAML in a text. */
export interface AnnotationLists {
  changes: AnnotatedChange[];
  links: AnnotatedLink[];
  /** References of container images. */
  images: string[];
  screenshots: AnnotatedLink[];
}

/** Length of an annotation, in UTF-16 units, above which it is not read. */
const maxAnnotationLength = 64 * 1024;
/** Entries of a list, and links of a change, that are read. */
const maxEntries = 50;

/**
 * Reads the lists in the annotations of Artifact Hub, such as `artifacthub.io/changes`.
 * An entry of another shape is left out, as is an annotation that is too long or no YAML: a chart is stored with any.
 */
export function readAnnotationLists(annotations: Readonly<Record<string, string>>): AnnotationLists {
  const listOf = (name: keyof AnnotationLists) => {
    const key = `artifacthub.io/${name}`;
    return Object.hasOwn(annotations, key) ? parseList(annotations[key] ?? '', key) : [];
  };
  return {
    changes: listOf('changes').flatMap(readChange),
    links: readLinks(listOf('links'), 'name'),
    images: listOf('images').flatMap((entry) => (isObject(entry) ? (textAt(entry, 'image') ?? []) : [])),
    screenshots: readLinks(listOf('screenshots'), 'title'),
  };
}

function parseList(text: string, file: string): Json[] {
  if (text.length > maxAnnotationLength) return [];
  // Aliases repeat no more than the longest annotation could say without them.
  const budget = { text: maxAnnotationLength, nodes: 10_000, units: maxAnnotationLength };
  try {
    return firstEntries(parseYamlStrings(text, { file, code: 'chart.invalid', budget }));
  } catch (error) {
    if (error instanceof RegistryError) return [];
    throw error;
  }
}

function readChange(entry: Json): AnnotatedChange[] {
  if (typeof entry === 'string') return [{ description: entry, links: [] }];
  const description = isObject(entry) ? textAt(entry, 'description') : undefined;
  if (!isObject(entry) || description === undefined) return [];
  const kind = textAt(entry, 'kind');
  const links = readLinks(firstEntries(getKey(entry, 'links')), 'name');
  return [{ ...(kind === undefined ? {} : { kind }), description, links }];
}

function readLinks(entries: readonly Json[], nameKey: 'name' | 'title'): AnnotatedLink[] {
  return entries.flatMap((entry) => {
    const url = isObject(entry) ? textAt(entry, 'url') : undefined;
    return isObject(entry) && url !== undefined ? [{ name: textAt(entry, nameKey) ?? url, url }] : [];
  });
}

function firstEntries(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value.slice(0, maxEntries) : [];
}

function textAt(map: JsonObject, key: string): string | undefined {
  const value = getKey(map, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

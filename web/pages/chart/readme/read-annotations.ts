import { isMap } from '../../../parts/values/schema-places.ts';

/** Link with its name. */
export interface NotedLink {
  name: string;
  url: string;
}

/** Entry of a list of changes. */
export interface NotedChange {
  kind?: string;
  description: string;
  links: readonly NotedLink[];
}

/** Lists in the annotations that Artifact Hub defines. */
export interface NotedLists {
  changes: readonly NotedChange[];
  links: readonly NotedLink[];
  images: readonly string[];
  screenshots: readonly NotedLink[];
}

/** Annotations of Chart.yaml. */
export type Annotations = Readonly<Record<string, string>>;

const prefix = 'artifacthub.io/';
const listed = ['changes', 'links', 'images', 'screenshots'] as const;
/** Longest annotation that is read, and the number of its entries that are shown. */
const maxLength = 64 * 1024;
const maxEntries = 50;

/** Reads the licence that annotations name. */
export function readLicense(annotations: Annotations): string | undefined {
  return annotations[`${prefix}license`] ?? annotations.licenses;
}

/** Tells whether annotations have lists, which are YAML. */
export function hasLists(annotations: Annotations): boolean {
  return listed.some((name) => annotations[prefix + name] !== undefined);
}

/**
 * Reads the lists of annotations. An entry of another shape is left out, as is a text that is no YAML.
 * @param parse reads YAML
 */
export function readLists(annotations: Annotations, parse: (text: string) => unknown): NotedLists {
  const listOf = (name: (typeof listed)[number]) => readList(annotations[prefix + name], parse);
  return {
    changes: listOf('changes').flatMap(readChange),
    links: readLinks(listOf('links'), 'name'),
    images: listOf('images').flatMap((entry) => textsOf(isMap(entry) ? entry.image : undefined)),
    screenshots: readLinks(listOf('screenshots'), 'title'),
  };
}

function readList(text: string | undefined, parse: (text: string) => unknown): unknown[] {
  if (text === undefined || text.length > maxLength) return [];
  try {
    const value = parse(text);
    return Array.isArray(value) ? value.slice(0, maxEntries) : [];
  } catch {
    return [];
  }
}

function readChange(entry: unknown): NotedChange[] {
  if (typeof entry === 'string') return [{ description: entry, links: [] }];
  if (!isMap(entry) || typeof entry.description !== 'string') return [];
  const links = Array.isArray(entry.links) ? readLinks(entry.links, 'name') : [];
  return [
    { description: entry.description, links, ...(typeof entry.kind === 'string' && { kind: entry.kind }) },
  ];
}

function readLinks(entries: readonly unknown[], nameKey: 'name' | 'title'): NotedLink[] {
  return entries.flatMap((entry) => {
    if (!isMap(entry) || typeof entry.url !== 'string') return [];
    const name = entry[nameKey];
    return [{ url: entry.url, name: typeof name === 'string' ? name : entry.url }];
  });
}

function textsOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}

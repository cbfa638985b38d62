import { isMap } from '../../../parts/values/schema-places.ts';

/** Link with its name. */
export interface AnnotatedLink {
  name: string;
  url: string;
}

/** Entry of a list of changes. */
export interface AnnotatedChange {
  kind?: string;
  description: string;
  links: readonly AnnotatedLink[];
}

/** Lists in the annotations that Artifact Hub defines. */
export interface AnnotationLists {
  changes: readonly AnnotatedChange[];
  links: readonly AnnotatedLink[];
  images: readonly string[];
  screenshots: readonly AnnotatedLink[];
}

/** Annotations of Chart.yaml. */
export type Annotations = Readonly<Record<string, string>>;

const artifactHubPrefix = 'artifacthub.io/';
const listAnnotationNames = ['changes', 'links', 'images', 'screenshots'] as const;
/** Longest annotation that is read, and the number of its entries that are shown. */
const maxLength = 64 * 1024;
const maxEntries = 50;

/** Reads the licence that annotations name. */
export function readLicense(annotations: Annotations): string | undefined {
  return annotations[`${artifactHubPrefix}license`] ?? annotations.licenses;
}

/** Tells whether annotations have lists, which are YAML. */
export function hasListAnnotations(annotations: Annotations): boolean {
  return listAnnotationNames.some((name) => annotations[artifactHubPrefix + name] !== undefined);
}

/**
 * Reads the lists of annotations. An entry of another shape is left out, as is a text that is no YAML.
 * @param parse reads YAML
 */
export function readAnnotationLists(
  annotations: Annotations,
  parse: (text: string) => unknown,
): AnnotationLists {
  const listOf = (name: (typeof listAnnotationNames)[number]) =>
    parseListAnnotation(annotations[artifactHubPrefix + name], parse);
  return {
    changes: listOf('changes').flatMap(readChange),
    links: readLinks(listOf('links'), 'name'),
    images: listOf('images').flatMap((entry) => textAsList(isMap(entry) ? entry.image : undefined)),
    screenshots: readLinks(listOf('screenshots'), 'title'),
  };
}

function parseListAnnotation(text: string | undefined, parse: (text: string) => unknown): unknown[] {
  if (text === undefined || text.length > maxLength) return [];
  try {
    const value = parse(text);
    return Array.isArray(value) ? value.slice(0, maxEntries) : [];
  } catch {
    return [];
  }
}

function readChange(entry: unknown): AnnotatedChange[] {
  if (typeof entry === 'string') return [{ description: entry, links: [] }];
  if (!isMap(entry) || typeof entry.description !== 'string') return [];
  const links = Array.isArray(entry.links) ? readLinks(entry.links, 'name') : [];
  return [
    { description: entry.description, links, ...(typeof entry.kind === 'string' && { kind: entry.kind }) },
  ];
}

function readLinks(entries: readonly unknown[], nameKey: 'name' | 'title'): AnnotatedLink[] {
  return entries.flatMap((entry) => {
    if (!isMap(entry) || typeof entry.url !== 'string') return [];
    const name = entry[nameKey];
    return [{ url: entry.url, name: typeof name === 'string' ? name : entry.url }];
  });
}

function textAsList(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}

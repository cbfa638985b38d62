import type {
  AnnotationLists,
  DeclaredDependency,
  FullVersionDetails,
  Maintainer,
} from '@helm-registry/client';

/** Details of a version as the page shows them. A registry of an older release sends no lists. */
export interface CleanDetails extends FullVersionDetails {
  annotationLists: AnnotationLists;
}

/** Keeps what is of the right type. Chart.yaml may have anything in the place of a text. */
export function cleanDetails(details: FullVersionDetails): CleanDetails {
  return {
    ...details,
    sources: listOrEmpty(details.sources).flatMap(textAsList),
    keywords: listOrEmpty(details.keywords).flatMap(textAsList),
    maintainers: listOrEmpty(details.maintainers).flatMap(readMaintainer),
    annotations: Object.fromEntries(
      Object.entries(recordOrEmpty(details.annotations)).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    ),
    annotationLists: { ...emptyLists, ...recordOrEmpty(details.annotationLists) },
  };
}

/** Lists of a registry of an older release, which sends none. */
const emptyLists: AnnotationLists = { changes: [], links: [], images: [], screenshots: [] };

/** Dependency as a chart's own file declares it. */
export interface DependencyInChartFile extends DeclaredDependency {
  /** Keys of the value `tags` that switch the dependency on and off. */
  tags?: readonly string[];
}

/** Reads the dependencies that a parsed Chart.yaml, or requirements.yaml, declares. */
export function readDeclaredDependencies(document: unknown): DependencyInChartFile[] {
  return listOrEmpty(recordOrEmpty(document).dependencies).flatMap((entry) => {
    const { name, ...others } = recordOrEmpty(entry);
    if (typeof name !== 'string') return [];
    const tags = listOrEmpty(others.tags).flatMap(textAsList);
    return [
      {
        name,
        ...pickTexts(others, ['version', 'repository', 'alias', 'condition']),
        ...(tags.length > 0 && { tags }),
      },
    ];
  });
}

function readMaintainer(entry: unknown): Maintainer[] {
  const { name, ...others } = recordOrEmpty(entry);
  return typeof name === 'string' ? [{ name, ...pickTexts(others, ['email', 'url']) }] : [];
}

function pickTexts<Name extends string>(
  map: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = map[name];
    if (typeof value === 'string' || typeof value === 'number') texts[name] = String(value);
  }
  return texts;
}

function textAsList(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}

function listOrEmpty(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordOrEmpty(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

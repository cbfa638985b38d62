import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { type AnnotationLists, readAnnotationLists } from './annotation-lists.ts';

/** Maintainer as Chart.yaml names them. */
export interface Maintainer {
  name: string;
  email?: string;
  url?: string;
}

/** Dependency as Chart.yaml declares it. */
export interface DeclaredDependency {
  name: string;
  version?: string;
  repository?: string;
  alias?: string;
  condition?: string;
}

/** Fields of Chart.yaml that a page about a version shows beside its row. */
export interface DeclaredFields {
  home?: string;
  sources: string[];
  maintainers: Maintainer[];
  annotations: Record<string, string>;
  /** Lists that annotations of Artifact Hub have. */
  annotationLists: AnnotationLists;
  dependencies: DeclaredDependency[];
}

/** Reads the declared fields from the entry of a version. The entry has Chart.yaml as Helm reads it. */
export function readDeclared(entry: string): DeclaredFields {
  const fields: Json = JSON.parse(entry);
  const manifest = isObject(fields) ? fields : {};
  const annotations = readAnnotations(manifest);
  return {
    ...pickTexts(manifest, ['home']),
    sources: listOf(manifest, 'sources').filter((source) => typeof source === 'string'),
    maintainers: listNamedItems(manifest, 'maintainers').map(([name, item]) => ({
      name,
      ...pickTexts(item, ['email', 'url']),
    })),
    annotations,
    annotationLists: readAnnotationLists(annotations),
    dependencies: listNamedItems(manifest, 'dependencies').map(([name, item]) => ({
      name,
      ...pickTexts(item, ['version', 'repository', 'alias', 'condition']),
    })),
  };
}

function readAnnotations(manifest: JsonObject): Record<string, string> {
  const annotations = getKey(manifest, 'annotations');
  return isObject(annotations)
    ? Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, String(value ?? '')]))
    : {};
}

function listOf(manifest: JsonObject, key: string): Json[] {
  const list = getKey(manifest, key);
  return Array.isArray(list) ? list : [];
}

/** Lists the items of a list that have a name. */
function listNamedItems(manifest: JsonObject, key: string): [name: string, item: JsonObject][] {
  return listOf(manifest, key).flatMap((item) => {
    const name = isObject(item) ? getKey(item, 'name') : undefined;
    return isObject(item) && typeof name === 'string' ? [[name, item]] : [];
  });
}

/** Picks the fields that are texts, and not empty. */
function pickTexts<Key extends string>(item: JsonObject, keys: readonly Key[]): { [key in Key]?: string } {
  const texts: { [key in Key]?: string } = {};
  for (const key of keys) {
    const value = getKey(item, key);
    if (typeof value === 'string' && value !== '') texts[key] = value;
  }
  return texts;
}

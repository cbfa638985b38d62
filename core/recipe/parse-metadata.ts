import type { JsonObject } from '../yaml/json.ts';
import { expectObject, expectString, invalidRecipe, isAbsent, type Located, locateKey } from './expect.ts';

/** Keys of Chart.yaml that a recipe may set besides name, version and description. */
export interface MetadataFields {
  /** Given only without a root source: the kind of a source's chart follows from its templates. */
  type?: 'application' | 'library';
  appVersion?: string;
  keywords?: string[];
  icon?: string;
  annotations?: Record<string, string>;
}

/** Names of the keys of `save` that become keys of Chart.yaml. */
export const metadataKeys = ['type', 'appVersion', 'keywords', 'icon', 'annotations'] as const;

/**
 * Parses the keys of `save` that become keys of Chart.yaml. The keys have the types that Helm wants.
 * @param hasSource whether the root has a `package`
 * @returns undefined where the recipe has none of them; null counts as none
 * @throws {RegistryError} `recipe.invalid`
 */
export function parseMetadata(
  save: JsonObject,
  pointer: string,
  hasSource: boolean,
): MetadataFields | undefined {
  const [type, appVersion, keywords, icon, annotations] = metadataKeys.map((key) => {
    const located = locateKey(save, pointer, key);
    return isAbsent(located.value) ? undefined : located;
  });
  const fields: MetadataFields = {
    ...(type && { type: parseType(type, hasSource) }),
    ...(appVersion && { appVersion: expectString(appVersion, 'the version of the application') }),
    ...(keywords && { keywords: parseStrings(keywords) }),
    ...(icon && { icon: expectString(icon, 'the URL of an image') }),
    ...(annotations && { annotations: parseAnnotations(annotations) }),
  };
  return Object.keys(fields).length > 0 ? fields : undefined;
}

function parseType(located: Located, hasSource: boolean): 'application' | 'library' {
  const text = expectString(located, '"application" or "library"');
  if (text !== 'application' && text !== 'library')
    throw invalidRecipe(located.pointer, 'must be "application" or "library": Helm knows no other type');
  if (!hasSource) return text;
  throw invalidRecipe(
    located.pointer,
    'is for a root without a `package`: a chart with a source has the type of its source. Leave it out',
  );
}

function parseStrings({ value, pointer }: Located): string[] {
  if (!Array.isArray(value)) throw invalidRecipe(pointer, 'must be a list of strings');
  return value.map((item, index) =>
    expectString({ value: item, pointer: `${pointer}/${index}` }, 'a keyword'),
  );
}

function parseAnnotations(located: Located): Record<string, string> {
  const annotations = expectObject(located, 'of strings');
  const entries = Object.keys(annotations).map((key) => [
    key,
    expectString(locateKey(annotations, located.pointer, key), 'as all annotations are'),
  ]);
  return Object.fromEntries(entries);
}

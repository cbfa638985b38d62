import { boundText } from '../runtime/bound-text.ts';
import { toStorableText } from '../runtime/storable-text.ts';
import type { Place } from './text-places.ts';

/** Codes of warnings, the gravest first: a list that is cut keeps the first. */
export const warningCodes = [
  'version.exists',
  'lineage.modified',
  'chart.library',
  'dependency.missing',
  'template.dropped',
  'values.dropped',
  'template.shadowed',
  'values.shadowed',
  'values.renamed',
  'values.null',
  'values.imported',
  'values.differ',
  'values.majors',
  'name.unfit',
  'condition.void',
  'condition.renamed',
  'global.overridden',
  'apiVersion.missing',
  'schema.unchecked',
  'source.deprecated',
  'key.ignored',
  'comments.lost',
  'warnings.omitted',
] as const;

/** Code of a warning, part of the interface. */
export type WarningCode = (typeof warningCodes)[number];

/** A result that may surprise the recipe's author, though it may be meant. */
export interface Warning {
  code: WarningCode;
  /** JSON pointer into the recipe: to the node, or to the key at fault. */
  pointer: string;
  /** Where that is in the text of a recipe in YAML. */
  place?: Place;
  /** States the fact and the remedy. */
  message: string;
  /** Template file, by its path in its chart, and the line in it. */
  file?: string;
  line?: number;
  /** Key of the chart's values, its parts joined by dots. */
  value?: string;
  /** Names of templates. */
  templates?: string[];
}

/** Largest number of warnings in a list, and of templates that one names. */
const maxWarnings = 50;
const maxTemplates = 20;

/** Limits of the texts of a warning, in characters; all but the pointer quote archives, which may have megabytes. */
const maxMessageCharacters = 1_000;
const maxPointerCharacters = 500;
const maxFileNameCharacters = 300;
const maxValuePathCharacters = 200;
const maxNameCharacters = 200;

/**
 * Sorts warnings by gravity, removes duplicates, and bounds their number and size.
 * Warnings are stored with a job and are part of every list of jobs, so their texts are made storable as well.
 */
export function limitWarnings(warnings: readonly Warning[]): Warning[] {
  const texts = new Set<string>();
  const distinct = warnings.map(boundWarning).filter((warning) => {
    const text = JSON.stringify(warning);
    return !texts.has(text) && texts.add(text);
  });
  const weight = ({ code }: Warning) => warningCodes.indexOf(code);
  const sorted = distinct.sort((first, second) => weight(first) - weight(second));
  if (sorted.length <= maxWarnings) return sorted;
  const kept = sorted.slice(0, maxWarnings - 1);
  const omitted = sorted
    .slice(maxWarnings - 1)
    .reduce((sum, warning) => sum + countJoinedWarnings(warning), 0);
  const message = `${omitted} more warnings are omitted: fix the first, and try again.`;
  return [...kept, { code: 'warnings.omitted', pointer: '', message }];
}

/** Counts the warnings that one stands for: a list that was cut and joined with others has such an entry already. */
function countJoinedWarnings({ code, message }: Warning): number {
  return code === 'warnings.omitted' ? Number.parseInt(message, 10) : 1;
}

function boundWarning(warning: Warning): Warning {
  const { message, pointer, file, value, templates } = warning;
  return {
    ...warning,
    pointer: boundPointer(pointer),
    message: boundText(message, maxMessageCharacters),
    ...(file === undefined ? {} : { file: boundText(file, maxFileNameCharacters) }),
    ...(value === undefined ? {} : { value: boundText(value, maxValuePathCharacters) }),
    ...(templates
      ? { templates: templates.slice(0, maxTemplates).map((name) => boundText(name, maxNameCharacters)) }
      : {}),
  };
}

/** Shortens a pointer to that of a map or list around the value, which also leads to a place in the recipe. */
function boundPointer(pointer: string): string {
  if (pointer.length <= maxPointerCharacters) return toStorableText(pointer);
  return toStorableText(pointer.slice(0, pointer.lastIndexOf('/', maxPointerCharacters)));
}

/**
 * Joins the first few names, each cut, and counts the rest.
 * @param total number of all names, where only the first are given
 */
export function joinFirstNames(names: readonly string[], max = 5, total = names.length): string {
  const more = total - max;
  const shown = names.slice(0, max).map((name) => boundText(name, maxNameCharacters));
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

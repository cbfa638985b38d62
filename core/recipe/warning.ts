import { boundText } from '../runtime/bound-text.ts';
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

/** Limits of one list, in warnings, and of one message, in characters. */
const maxWarnings = 50;
const maxMessage = 1_000;

/**
 * Sorts warnings by gravity, removes duplicates, and bounds their number and size.
 * Warnings are stored with a job and are part of every list of jobs.
 */
export function limitWarnings(warnings: readonly Warning[]): Warning[] {
  const texts = new Set<string>();
  const distinct = warnings.filter((warning) => {
    const text = JSON.stringify(warning);
    return !texts.has(text) && texts.add(text);
  });
  const weight = ({ code }: Warning) => warningCodes.indexOf(code);
  const sorted = distinct.sort((first, second) => weight(first) - weight(second)).map(truncate);
  if (sorted.length <= maxWarnings) return sorted;
  const kept = sorted.slice(0, maxWarnings - 1);
  const omitted = sorted.slice(maxWarnings - 1).reduce((sum, warning) => sum + countOf(warning), 0);
  const message = `${omitted} more warnings are omitted: fix the first, and try again.`;
  return [...kept, { code: 'warnings.omitted', pointer: '', message }];
}

/** Counts the warnings that one stands for: a list that was cut and joined with others has such an entry already. */
function countOf({ code, message }: Warning): number {
  return code === 'warnings.omitted' ? Number.parseInt(message, 10) : 1;
}

function truncate(warning: Warning): Warning {
  const { message } = warning;
  return message.length > maxMessage ? { ...warning, message: boundText(message, maxMessage) } : warning;
}

/** Joins the first few names, and counts the rest. */
export function joinFirstNames(names: readonly string[], max = 5): string {
  const more = names.length - max;
  return more > 0 ? `${names.slice(0, max).join(', ')} and ${more} more` : names.join(', ');
}

import { boundText } from '../runtime/bound-text.ts';

/** Codes of warnings, the gravest first: a list that is cut keeps the first. */
export const warningCodes = [
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
  const sorted = distinct.sort((one, other) => weight(one) - weight(other)).map(shorten);
  if (sorted.length <= maxWarnings) return sorted;
  const kept = sorted.slice(0, maxWarnings - 1);
  const left = sorted.slice(maxWarnings - 1).reduce((sum, warning) => sum + countOf(warning), 0);
  const message = `${left} more warnings are left out: mend the first, and look again.`;
  return [...kept, { code: 'warnings.omitted', pointer: '', message }];
}

/** Counts the warnings that one stands for: a list that was cut and joined with others has such an entry already. */
function countOf({ code, message }: Warning): number {
  return code === 'warnings.omitted' ? Number.parseInt(message, 10) : 1;
}

function shorten(warning: Warning): Warning {
  const { message } = warning;
  return message.length > maxMessage ? { ...warning, message: boundText(message, maxMessage) } : warning;
}

/** Joins the first few names, and counts the rest. */
export function listSome(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

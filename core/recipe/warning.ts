import { boundText } from '../runtime/bound-text.ts';

/** Codes of warnings, those that spoil a chart first; a list that is cut keeps the first. */
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

export type WarningCode = (typeof warningCodes)[number];

/** A surprise that a recipe's author may well have meant, but would want to know of. */
export interface Warning {
  code: WarningCode;
  /** Pointer into the recipe: to the node, or to the key at fault. */
  pointer: string;
  /** Says what is so, and what to do. */
  message: string;
  /** Template file in its chart, where one is concerned, and the line in it. */
  file?: string;
  line?: number;
  /** Value of the chart's, its keys joined by dots. */
  value?: string;
  /** Names of templates. */
  templates?: string[];
}

/** Warnings that one list has, and characters of one message. */
const maxWarnings = 50;
const maxMessage = 1_000;

/**
 * Orders warnings by weight, leaves out those that are there twice, and bounds their number and size: they are stored with a
 * job and are part of every list of jobs.
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

/** Warnings that one stands for: a list that is limited, and then again with others, has left some out before. */
function countOf({ code, message }: Warning): number {
  return code === 'warnings.omitted' ? Number.parseInt(message, 10) : 1;
}

function shorten(warning: Warning): Warning {
  const { message } = warning;
  return message.length > maxMessage ? { ...warning, message: boundText(message, maxMessage) } : warning;
}

/** Joins the first few names, and says how many more there are. */
export function listSome(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

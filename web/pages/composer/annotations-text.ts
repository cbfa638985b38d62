import { stringify } from 'yaml';
import { readConfig } from './recipe-of-draft.ts';

/** Writes annotations as YAML, for their field. A text that could not be read is as it was typed. */
export function writeAnnotations(annotations: unknown): string {
  if (typeof annotations === 'string') return annotations;
  const isMap = typeof annotations === 'object' && annotations !== null;
  return isMap && Object.keys(annotations).length > 0 ? stringify(annotations) : '';
}

/**
 * Reads annotations from YAML. Chart.yaml has texts as their values, so a number or a boolean is taken as it is written.
 * @returns undefined where there are none
 */
export function readAnnotations(
  text: string,
): { value: Record<string, string> | undefined } | { fault: string } {
  const read = readConfig(text, 'failsafe');
  if ('fault' in read) {
    const { line, message } = read.fault;
    return { fault: line === undefined ? message : `Line ${line}: ${message}` };
  }
  const entries = Object.entries(read.value ?? {});
  const [nested] = entries.find(([, value]) => typeof value === 'object') ?? [];
  if (nested !== undefined) return { fault: `“${nested}” needs a text; write a longer one after “|”.` };
  if (entries.length === 0) return { value: undefined };
  return { value: Object.fromEntries(entries.map(([key, value]) => [key, String(value)])) };
}

import type { RetentionKeep, RetentionRule, WantedRetention } from '@helm-registry/client';
import { readItems, readNumber, readText } from '../../parts/form/read-fields.ts';

/** Names a field of a rule by the pointer of its value, so that an error finds it. */
export const ruleFieldName = (at: number, key: 'charts' | `keep/${keyof RetentionKeep}`) =>
  `rules/${at}/${key}`;

/** Parts of a rule that are numbers. */
const numericKeepKeys = ['last', 'prereleaseDays', 'pulledDays', 'newerDays'] as const;

/** Reads the fields of the retention of a space. Parts that are empty are left out. */
export function readRetention(fields: FormData): WantedRetention {
  const mostDeleted = readNumber(fields, 'mostDeleted');
  return {
    rules: readRules(fields),
    scheduled: fields.has('scheduled'),
    ...(mostDeleted !== undefined && { mostDeleted }),
  };
}

function readRules(fields: FormData): RetentionRule[] {
  const rules: RetentionRule[] = [];
  for (let at = 0; fields.has(ruleFieldName(at, 'charts')); at += 1) {
    const range = readText(fields, ruleFieldName(at, 'keep/range'));
    const keep: RetentionKeep = range === '' ? {} : { range };
    for (const key of numericKeepKeys) {
      const value = readNumber(fields, ruleFieldName(at, `keep/${key}`));
      if (value !== undefined) keep[key] = value;
    }
    rules.push({ charts: readItems(fields, ruleFieldName(at, 'charts')), keep });
  }
  return rules;
}

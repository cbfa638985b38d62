import type { RetentionKeep, RetentionRule, WantedRetention } from '@helm-registry/client';
import { readItems, readNumber, readText } from '../../parts/form/read-fields.ts';

/** Names a field of a rule by the pointer of its value, so that an error finds it. */
export const ruleField = (at: number, key: 'charts' | `keep/${keyof RetentionKeep}`) => `rules/${at}/${key}`;

/** Parts of a rule that are numbers. */
const numbers = ['last', 'prereleaseDays', 'pulledDays', 'newerDays'] as const;

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
  for (let at = 0; fields.has(ruleField(at, 'charts')); at += 1) {
    const range = readText(fields, ruleField(at, 'keep/range'));
    const keep: RetentionKeep = range === '' ? {} : { range };
    for (const key of numbers) {
      const value = readNumber(fields, ruleField(at, `keep/${key}`));
      if (value !== undefined) keep[key] = value;
    }
    rules.push({ charts: readItems(fields, ruleField(at, 'charts')), keep });
  }
  return rules;
}

import { findGlobFault } from '../access/chart-globs.ts';
import { RegistryError } from '../errors.ts';
import { suggestName } from '../runtime/nearest-name.ts';
import { parseConstraint } from '../semver/constraint.ts';
import { isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import {
  defaultMostDeleted,
  type KeepCriteria,
  keepCriterionNames,
  type RetentionRule,
  type RetentionSettings,
  retentionLimits,
} from './rules.ts';

/**
 * Parses the retention of a space.
 * A key that is misspelt is refused: passed over, it would delete what was to stay.
 * @throws {RegistryError} `retention.invalid` with the pointer of the fault
 */
export function parseRetention(body: JsonObject): RetentionSettings {
  expectKeys(body, '', ['rules', 'mostDeleted', 'scheduled']);
  const { rules, mostDeleted = defaultMostDeleted, scheduled = true } = body;
  if (!Array.isArray(rules)) throw invalid('/rules', 'must be a list of rules');
  if (rules.length > retentionLimits.rules)
    throw invalid('/rules', `has ${rules.length} rules; at most ${retentionLimits.rules} are allowed`);
  if (typeof scheduled !== 'boolean') throw invalid('/scheduled', 'must be true or false');
  return {
    rules: rules.map((rule, index) => parseRule(rule, `/rules/${index}`)),
    mostDeleted: parseNumber(mostDeleted, '/mostDeleted', retentionLimits.mostDeleted),
    scheduled,
  };
}

function parseRule(rule: Json, pointer: string): RetentionRule {
  if (!isObject(rule)) throw invalid(pointer, 'must be an object with `charts` and `keep`');
  expectKeys(rule, pointer, ['charts', 'keep']);
  return {
    charts: parseCharts(rule.charts, `${pointer}/charts`),
    keep: parseKeep(rule.keep, `${pointer}/keep`),
  };
}

function parseCharts(charts: Json | undefined, pointer: string): string[] {
  const globs = Array.isArray(charts) ? charts.filter((glob) => typeof glob === 'string') : [];
  if (!Array.isArray(charts) || globs.length !== charts.length)
    throw invalid(pointer, 'must be a list of globs, such as ["*"]');
  const fault = findGlobFault(globs);
  if (fault !== undefined) throw invalid(pointer, `is not right: ${fault.replace(/\.$/, '')}`);
  return globs;
}

function parseKeep(keep: Json | undefined, pointer: string): KeepCriteria {
  if (!isObject(keep))
    throw invalid(pointer, `must be an object with one or more of ${keepCriterionNames.join(', ')}`);
  expectKeys(keep, pointer, keepCriterionNames);
  const criteria: KeepCriteria = {};
  if (keep.last !== undefined)
    criteria.last = parseNumber(keep.last, `${pointer}/last`, retentionLimits.last);
  if (keep.range !== undefined) criteria.range = parseRange(keep.range, `${pointer}/range`);
  for (const name of ['prereleaseDays', 'pulledDays', 'newerDays'] as const) {
    const value = keep[name];
    if (value !== undefined) criteria[name] = parseNumber(value, `${pointer}/${name}`, retentionLimits.days);
  }
  if (Object.keys(criteria).length > 0) return criteria;
  throw invalid(
    pointer,
    `is empty, and would keep nothing but the highest release. Say so with "last": 1, or name another of ${keepCriterionNames.join(', ')}`,
  );
}

function parseRange(range: Json, pointer: string): string {
  if (typeof range === 'string' && range.trim() !== '' && parseConstraint(range)) return range;
  throw invalid(pointer, 'must be a range of versions, such as ">=2.0.0" or "^1.4"');
}

function parseNumber(value: Json, pointer: string, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw invalid(pointer, `must be a whole number from 1 to ${max}`);
}

function expectKeys(object: JsonObject, pointer: string, known: readonly string[]): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw invalid(appendPointer(pointer, unknown), `is not a key here. ${suggestName(unknown, known)}`, '');
}

function invalid(pointer: string, fault: string, end = '.'): RegistryError {
  return new RegistryError('retention.invalid', `${pointer || 'The body'} ${fault}${end}`, { pointer });
}

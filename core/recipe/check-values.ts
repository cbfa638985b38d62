import { type ComputedValues, shownHelmMajor } from '../chart/compute-values.ts';
import type { EnabledChart } from '../chart/enabled-charts.ts';
import { schemaFileOf } from '../chart/outline.ts';
import { type Budget, createCheckBudget, maxCheckSteps } from '../chart/schema/budget.ts';
import { SchemaBroken, SchemaExceeded } from '../chart/schema/errors.ts';
import type { SchemaFault } from '../chart/schema/run.ts';
import { readSchema, type ValuesSchema } from '../chart/schema.ts';
import { RegistryError } from '../errors.ts';
import { getKey, isObject, type JsonObject } from '../yaml/json.ts';
import { locateValue } from './locate-value.ts';
import { createNewChart, type NewChart } from './new-chart.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * Validates the new chart's values against the values.schema.json of each chart in it.
 * Helm does so when it renders (chartutil.ValidateAgainstSchema): with the values of `computeValues`, imports
 * included, and for every chart that no condition switches off. Literal values are not meant for Helm and are not
 * checked.
 *
 * @param read makes a schema of its file; a caller may pass one that caches
 * @returns messages about parts of schemas that were not checked
 * @throws {RegistryError} `values.invalid` with the pointer of the key, or of the node whose default is at fault;
 *   `schema.invalid` with the pointer of the node whose source has a schema that Helm refuses, or one that takes more
 *   steps than its budget. Steps are counted, not time, so the result is the same on every machine
 */
export function checkValues(
  root: ResolvedNode,
  plan: Plan,
  read?: ReadSchemaFile,
  newChart: NewChart = createNewChart(root, plan),
): string[] {
  if (plan.values === 'literal') return [];
  const computed = newChart.valuesIn(shownHelmMajor);
  return checkComputed(plan.chart, computed, (path) => locateValue(root, path), read);
}

/** Makes a schema of the bytes of a values.schema.json. */
export type ReadSchemaFile = (file: Buffer) => ValuesSchema;

/**
 * Validates the computed values of a chart, as {@link checkValues} does.
 * @param name the chart's name, for messages
 * @param locate finds the pointer of a value, by keys from the root of the chart's values
 * @returns messages about parts of schemas that were not checked
 * @throws {RegistryError} `values.invalid`, `schema.invalid`
 */
export function checkComputed(
  name: string,
  { chart, values }: ComputedValues,
  locate: (path: readonly string[]) => string,
  read: ReadSchemaFile = (file) => readSchema(file.toString('utf8')),
): string[] {
  const unchecked: string[] = [];
  checkChart({ name, locate, read, unchecked, budget: createCheckBudget() }, chart, values, []);
  return unchecked;
}

interface Walk {
  name: string;
  locate: (path: readonly string[]) => string;
  read: ReadSchemaFile;
  unchecked: string[];
  /** Steps that all schemas of the recipe may take together. */
  budget: Budget;
}

function checkChart(walk: Walk, chart: EnabledChart, values: JsonObject, path: string[]): void {
  const file = schemaFileOf(chart);
  const label = `${[walk.name, ...path].join('/')} ${chart.version}`;
  if (file) checkAgainstSchema(walk, { file, label }, values, path);
  for (const subchart of chart.subcharts) {
    const section = getKey(values, subchart.name);
    if (section === undefined || section === null) continue;
    const below = [...path, subchart.name];
    if (!isObject(section)) throw notMapError(walk.locate(below), below);
    checkChart(walk, subchart, section, below);
  }
}

function checkAgainstSchema(
  { locate, read, unchecked, budget }: Walk,
  { file, label }: { file: Buffer; label: string },
  values: JsonObject,
  path: string[],
): void {
  let faults: SchemaFault[];
  try {
    const schema = read(file);
    for (const part of [...schema.unchecked, ...schema.ignored])
      unchecked.push(`The schema of ${label} is not checked in full: ${part}.`);
    faults = schema.check(values, budget);
  } catch (error) {
    if (error instanceof SchemaBroken) throw brokenSchema(locate(path), label, error);
    if (error instanceof SchemaExceeded) throw exceededSchema(locate(path), label, error);
    throw error;
  }
  if (faults.length > 0) throw invalidValues(locate, label, path, faults);
}

function invalidValues(
  locate: Walk['locate'],
  label: string,
  path: string[],
  faults: SchemaFault[],
): RegistryError {
  const errors = faults.map((fault) => ({
    pointer: locate([...path, ...fault.path]),
    value: [...path, ...fault.path].join('.'),
    schema: fault.schema,
    message: fault.message,
  }));
  const [first] = errors;
  const where = first && first.value !== '' ? ` at ${first.value}` : '';
  return new RegistryError(
    'values.invalid',
    `${first?.pointer ?? ''}: the values do not fit the schema of ${label}${where}: ${first?.message ?? ''}`,
    { pointer: first?.pointer ?? '', errors },
  );
}

function brokenSchema(pointer: string, label: string, { message }: SchemaBroken): RegistryError {
  return new RegistryError(
    'schema.invalid',
    `${pointer}: the values.schema.json of ${label} cannot be used: ${message}. Fix the schema in the source, or use another version`,
    { pointer },
  );
}

function exceededSchema(pointer: string, label: string, { message }: SchemaExceeded): RegistryError {
  return new RegistryError(
    'schema.invalid',
    `${pointer}: the values.schema.json of ${label} takes ${message}. Make its references, patterns or nesting simpler.`,
    { pointer, maxSteps: maxCheckSteps },
  );
}

function notMapError(pointer: string, path: string[]): RegistryError {
  return new RegistryError(
    'values.invalid',
    `${pointer}: ${path.join('.')} must be an object or null: Helm reads this key as the values of a subchart. Write an object, or remove that subchart from the chart`,
    { pointer },
  );
}

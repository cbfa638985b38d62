import { boundText } from '../runtime/bound-text.ts';
import type { Json, JsonObject } from '../yaml/json.ts';
import { type Budget, createCheckBudget, createReadBudget } from './schema/budget.ts';
import { compileSchema } from './schema/compile.ts';
import { createDocuments, SchemaElsewhere } from './schema/documents.ts';
import { SchemaBroken, SchemaExceeded } from './schema/errors.ts';
import { createRun, evaluateRoot } from './schema/evaluate.ts';
import type { SchemaNode } from './schema/node.ts';
import { createPropertyCache } from './schema/property-cache.ts';
import type { Run, SchemaFault } from './schema/run.ts';
import { fitNumbers } from './schema/schema-numbers.ts';
import { validateSchema } from './schema/validate-schema.ts';

/** A values.schema.json, compiled. */
export interface ValuesSchema {
  /**
   * Validates values; no faults if they meet the schema.
   *
   * @param budget steps that may be taken; those taken are subtracted
   * @throws {SchemaExceeded}
   */
  check(values: JsonObject, budget?: Budget): SchemaFault[];
  /** Parts of the schema that Helm checks and the registry does not. */
  unchecked: string[];
  /** Keywords and formats that Helm does not check either. */
  ignored: string[];
}

/** Limits of the list of unchecked parts: number of parts, and characters of each. */
const maxUncheckedParts = 20;
const maxUncheckedPartLength = 300;

/** URL that Helm gives to the file. */
const fileUrl = 'file:///values.schema.json';

/**
 * Reads a values.schema.json as Helm 3.21 and 4.2 do, with santhosh-tekuri/jsonschema v6.
 * The schema is checked against the metaschema of its draft, which is 2020-12 unless `$schema` names another.
 * Patterns have Go's syntax, and formats are asserted up to draft 7 only. Nothing is fetched: references elsewhere
 * are not checked.
 *
 * The schema is untrusted: reading and validating are bounded in steps, and patterns are matched in linear time.
 *
 * @throws {SchemaBroken} for a schema that Helm refuses
 * @throws {SchemaExceeded} for a schema that takes too many steps to read
 */
export function readSchema(text: string): ValuesSchema {
  const { schema, inexact } = parse(text);
  const budget = createReadBudget();
  const unchecked = new Set<string>();
  const ignored = new Set<string>();
  const note = (part: string) => unchecked.size < maxUncheckedParts && unchecked.add(part);
  try {
    const documents = createDocuments(fileUrl, schema, budget);
    const node = compileSchema(fileUrl, {
      documents,
      budget,
      assertsFormats: false,
      validate: (document, part, pointer) => validateSchema(document, part, pointer, budget),
      onExternal: (url) => note(`$ref ${boundText(url, maxUncheckedPartLength)}, which is not fetched`),
      onUnchecked: (part) =>
        ignored.size < maxUncheckedParts && ignored.add(boundText(part, maxUncheckedPartLength)),
    });
    for (const number of inexact)
      note(
        `the last digits of ${boundText(number, maxUncheckedPartLength)}, which is taken for ${Number(number)}`,
      );
    return { check: createValuesCheck(node), unchecked: [...unchecked], ignored: [...ignored] };
  } catch (error) {
    if (!(error instanceof SchemaElsewhere)) throw stackOverflowAsExceeded(error);
    const part = `$schema ${boundText(error.url, maxUncheckedPartLength)}, which is not fetched`;
    return { check: () => [], unchecked: [part], ignored: [] };
  }
}

function createValuesCheck(node: SchemaNode): ValuesSchema['check'] {
  const cache = createPropertyCache();
  return (values, budget = createCheckBudget()) => {
    if (isValid(createRun(budget, { cache }), node, values)) return [];
    const faults: SchemaFault[] = [];
    try {
      isValid(createRun(createCheckBudget(), { faults }), node, values);
    } catch (error) {
      // The result is already known to be invalid; report the faults found so far.
      if (!(error instanceof SchemaExceeded)) throw error;
    }
    return faults.length > 0 ? faults : [{ path: [], schema: '#', message: 'is not valid' }];
  };
}

function isValid(run: Run, node: SchemaNode, values: JsonObject): boolean {
  try {
    return evaluateRoot(run, node, values);
  } catch (error) {
    throw stackOverflowAsExceeded(error);
  }
}

/** Converts a stack overflow. The validating threads have a stack for all allowed levels; other threads may not. */
function stackOverflowAsExceeded(error: unknown): unknown {
  return error instanceof RangeError ? new SchemaExceeded('more levels than the stack has room for') : error;
}

function parse(text: string): { schema: Json; inexact: string[] } {
  try {
    const fitted = fitNumbers(text.replace(/^\uFEFF/, ''));
    return { schema: JSON.parse(fitted.text), inexact: fitted.inexact };
  } catch {
    throw new SchemaBroken('it is not JSON');
  }
}

import type { Json } from '../../yaml/json.ts';
import { spend } from './budget.ts';
import { findDuplicate } from './equality.ts';
import type { ArrayKeywords, SchemaNode } from './node.ts';
import { type EvaluationScope, type Run, reportFault, type Unevaluated, withoutFaults } from './run.ts';

/** Evaluates the keywords about lists. */
export function evaluateArray(
  run: Run,
  keywords: ArrayKeywords,
  value: readonly Json[],
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  let isValid = evaluateSize(run, keywords, value, scope);
  const { prefix, rest, contains } = keywords;
  const start = Math.min(prefix.length, value.length);
  for (let index = 0; index < value.length; index += 1) {
    if (!isValid && !run.faults) return false;
    const node = prefix[index] ?? rest;
    if (node === undefined || node === true) break;
    if (node === false) {
      isValid = reportFault(
        run,
        scope,
        'additionalItems',
        `must have at most ${start} items, not ${value.length}`,
      );
      break;
    }
    isValid = run.visitPart(node, value[index] ?? null, scope, index) && isValid;
  }
  if (contains && (isValid || run.faults))
    isValid = evaluateContains(run, { ...keywords, contains }, value, scope, unevaluated) && isValid;
  return isValid;
}

function evaluateSize(
  run: Run,
  keywords: ArrayKeywords,
  value: readonly Json[],
  scope: EvaluationScope,
): boolean {
  const { minItems, maxItems, uniqueItems } = keywords;
  let isValid = true;
  if (minItems !== undefined && value.length < minItems)
    isValid = reportFault(
      run,
      scope,
      'minItems',
      `must have at least ${minItems} items, not ${value.length}`,
    );
  if (maxItems !== undefined && value.length > maxItems)
    isValid = reportFault(run, scope, 'maxItems', `must have at most ${maxItems} items, not ${value.length}`);
  if (!uniqueItems || !isValid) return isValid;
  const duplicate = findDuplicate(value, run.budget);
  return duplicate === -1 || reportFault(run, scope, 'uniqueItems', 'is in the list twice', duplicate);
}

function evaluateContains(
  run: Run,
  { contains, minContains, maxContains }: ArrayKeywords & { contains: SchemaNode },
  value: readonly Json[],
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  let matched = 0;
  const { unknowns } = run;
  for (const [index, item] of value.entries()) {
    spend(run.budget, 1);
    if (!withoutFaults(run, () => run.visitPart(contains, item, scope, index))) continue;
    matched += 1;
    if (scope.node.version >= 2020) unevaluated?.evaluated.add(index);
  }
  const min = minContains ?? 1;
  if (matched < min)
    return reportFault(run, scope, 'contains', `must have at least ${min} items that fit, not ${matched}`);
  // Items counted as fitting a schema elsewhere may not really fit it.
  if (maxContains === undefined || matched <= maxContains || run.unknowns > unknowns) return true;
  return reportFault(
    run,
    scope,
    'maxContains',
    `must have at most ${maxContains} items that fit, not ${matched}`,
  );
}

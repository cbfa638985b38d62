import type { Json } from '../../yaml/json.ts';
import {
  type EvaluationScope,
  isAllEvaluated,
  type Run,
  reportFault,
  type Unevaluated,
  withoutFaults,
} from './run.ts';
import { recordAllEvaluated } from './unevaluated.ts';

type Evaluation = (
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
) => boolean;

const conditionEvaluations: readonly Evaluation[] = [
  evaluateNot,
  evaluateAll,
  evaluateAny,
  evaluateOne,
  evaluateIf,
];

/**
 * Evaluates `not`, `allOf`, `anyOf`, `oneOf` and `if`.
 * A schema elsewhere counts as one that allows the value; if that would make the value invalid, the keyword is not
 * checked.
 */
export function evaluateConditions(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { not, allOf, anyOf, oneOf, condition } = scope.node;
  if (!not && !allOf && !anyOf && !oneOf && !condition) return true;
  let isValid = true;
  for (const evaluate of conditionEvaluations) {
    if (!isValid && !run.faults) return false;
    isValid = evaluate(run, value, scope, unevaluated) && isValid;
  }
  return isValid;
}

function evaluateNot(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { not } = scope.node;
  const { unknowns } = run;
  if (!not || !withoutFaults(run, () => run.visitSelf(not, value, scope, unevaluated))) return true;
  return run.unknowns > unknowns || reportFault(run, scope, 'not', 'must not fit the schema there');
}

function evaluateAll(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  let isValid = true;
  for (const node of scope.node.allOf ?? []) {
    isValid = run.visitSelf(node, value, scope, unevaluated) && isValid;
    if (!isValid && !run.faults) return false;
  }
  return isValid;
}

function evaluateAny(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { anyOf } = scope.node;
  if (!anyOf || anyOf.length === 0) return true;
  let isMatched = false;
  for (const node of anyOf) {
    isMatched = withoutFaults(run, () => run.visitSelf(node, value, scope, unevaluated)) || isMatched;
    // All alternatives must be evaluated while parts of the value remain unevaluated.
    if (isMatched && isAllEvaluated(unevaluated)) break;
  }
  return isMatched || reportFault(run, scope, 'anyOf', 'fits none of the alternatives');
}

function evaluateOne(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { oneOf } = scope.node;
  if (!oneOf || oneOf.length === 0) return true;
  const { unknowns } = run;
  let matched = 0;
  for (const node of oneOf) {
    if (withoutFaults(run, () => run.visitSelf(node, value, scope, unevaluated))) matched += 1;
    if (matched > 1 && run.unknowns === unknowns)
      return reportFault(run, scope, 'oneOf', 'fits more than one of the alternatives');
  }
  return matched > 0 || reportFault(run, scope, 'oneOf', 'fits none of the alternatives');
}

function evaluateIf(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { condition } = scope.node;
  if (!condition) return true;
  const { unknowns } = run;
  const isMet = withoutFaults(run, () => run.visitSelf(condition.if, value, scope, unevaluated));
  if (isMet && run.unknowns > unknowns) {
    // Either branch may be the right one, and may evaluate any part of the value.
    if (unevaluated) recordAllEvaluated(unevaluated);
    return true;
  }
  const branch = isMet ? condition.met : condition.unmet;
  return !branch || run.visitSelf(branch, value, scope, unevaluated);
}

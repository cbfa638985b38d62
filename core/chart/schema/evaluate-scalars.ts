import { spend } from './budget.ts';
import type { NumberKeywords, TextKeywords } from './node.ts';
import { isMultipleOf } from './number.ts';
import { type EvaluationScope, type Run, reportFault } from './run.ts';

/** Evaluates the keywords about texts. */
export function evaluateText(
  run: Run,
  keywords: TextKeywords,
  value: string,
  scope: EvaluationScope,
): boolean {
  const { minLength, maxLength, pattern } = keywords;
  let isValid = true;
  if (minLength !== undefined || maxLength !== undefined) {
    const length = countCharacters(run, value);
    if (minLength !== undefined && length < minLength)
      isValid = reportFault(
        run,
        scope,
        'minLength',
        `must have at least ${minLength} characters, not ${length}`,
      );
    if (maxLength !== undefined && length > maxLength)
      isValid = reportFault(
        run,
        scope,
        'maxLength',
        `must have at most ${maxLength} characters, not ${length}`,
      );
  }
  if (pattern && !pattern.matches(value, run.budget))
    isValid = reportFault(run, scope, 'pattern', `must match the pattern ${pattern.text}`);
  return isValid;
}

/** Evaluates the keywords about numbers. */
export function evaluateNumber(
  run: Run,
  keywords: NumberKeywords,
  value: number,
  scope: EvaluationScope,
): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = keywords;
  let isValid = true;
  if (minimum !== undefined && value < minimum)
    isValid = reportFault(run, scope, 'minimum', `must be at least ${minimum}`);
  if (maximum !== undefined && value > maximum)
    isValid = reportFault(run, scope, 'maximum', `must be at most ${maximum}`);
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    isValid = reportFault(run, scope, 'exclusiveMinimum', `must be more than ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    isValid = reportFault(run, scope, 'exclusiveMaximum', `must be less than ${exclusiveMaximum}`);
  if (multipleOf !== undefined && !isMultipleOf(value, multipleOf))
    isValid = reportFault(run, scope, 'multipleOf', `must be a multiple of ${multipleOf}`);
  return isValid;
}

/** Counts characters of Unicode, not of UTF-16. */
function countCharacters(run: Run, text: string): number {
  spend(run.budget, text.length >> 4);
  let count = 0;
  for (let index = 0; index < text.length; index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1)
    count += 1;
  return count;
}

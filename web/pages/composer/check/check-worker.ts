import { type Violation, validateValues } from './validate-values.ts';

/** Values to check, and the text of their schema. */
export interface CheckQuestion {
  schema: string;
  values: unknown;
}

/** Violations, or why there are none to tell. */
export type CheckAnswer = { violations: Violation[] } | { unchecked: string };

// Checks the values of one chart after the other, away from the page: schemas are strangers' and may take any time.
addEventListener('message', ({ data }: MessageEvent<CheckQuestion>) => {
  postMessage(answerQuestion(data));
});

function answerQuestion({ schema, values }: CheckQuestion): CheckAnswer {
  try {
    return { violations: validateValues(schema, values) };
  } catch (error) {
    return { unchecked: describeCheckFailure(error) };
  }
}

function describeCheckFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, reference] = /^Unresolved \$ref "(.*?)"/.exec(message) ?? [];
  if (reference !== undefined) return `It refers to ${reference}, which is not fetched.`;
  if (error instanceof RangeError) return 'It is nested too deeply.';
  if (error instanceof SyntaxError)
    return message.includes('regular expression')
      ? 'It has a pattern that browsers do not read.'
      : 'It is not JSON.';
  return message.slice(0, 200);
}

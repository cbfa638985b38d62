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
  postMessage(answer(data));
});

function answer({ schema, values }: CheckQuestion): CheckAnswer {
  try {
    return { violations: validateValues(schema, values) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The library lists all that it knows behind the first line.
    return { unchecked: message.split('\n')[0]?.slice(0, 200) ?? '' };
  }
}

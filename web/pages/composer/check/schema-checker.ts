import { createBoundedWorker } from '../../../parts/bounded-worker.ts';
import type { CheckAnswer, CheckQuestion } from './check-worker.ts';
import workerAddress from './check-worker.ts?worker&url';

/** Longest time for the values of one chart, in milliseconds; large schemas take a tenth of it. */
const maxMs = 3_000;

/** Checks values by schemas, in a worker. */
export interface SchemaChecker {
  check(question: CheckQuestion): Promise<CheckAnswer>;
  close(): void;
}

/** Creates a checker. A schema that has taken too long once is not tried again; neither are the same values. */
export function createSchemaChecker(): SchemaChecker {
  const worker = createBoundedWorker<CheckQuestion, CheckAnswer>({
    address: workerAddress,
    name: 'schema check',
    maxMs,
  });
  const endless = new Set<string>();
  const kept = new Map<string, { values: string; answer: CheckAnswer }>();
  const tooLong = { unchecked: 'It takes too long.' };
  return {
    async check({ schema, values }) {
      if (endless.has(schema)) return tooLong;
      const text = JSON.stringify(values);
      const known = kept.get(schema);
      if (known?.values === text) return known.answer;
      const answer = await worker.ask({ schema, values });
      if (answer === undefined) endless.add(schema);
      else kept.set(schema, { values: text, answer });
      return answer ?? tooLong;
    },
    close: worker.close,
  };
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { createFairQueue, type FairQueueLimits } from './threads/fair-queue.ts';
import { isTransientError } from './transient-errors.ts';

/** Asks one question of a service that answers many as quickly as one. */
export type BatchedCall<Question, Answer> = (space: string, question: Question) => Promise<Answer>;

interface WaitingQuestion<Question, Answer> {
  space: string;
  question: Question;
  /** Whether the question must be asked alone, since a batch with it failed. */
  isAlone: boolean;
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

/** Options of batched calls. */
export interface BatchOptions {
  /** Largest number of questions in a batch. */
  max: number;
  /** Limits of waiting questions; absent where the callers are limited elsewhere. */
  limits?: FairQueueLimits;
}

/**
 * Batches calls. Questions that arrive during a call share the next one, one space after another. The first call
 * takes all questions of its turn of the event loop. There is no timer, so a lone caller waits for nobody.
 * @param ask returns answers in the order of the questions, at least the first; the others are asked again in
 *   their turn. When a batch fails, each of its questions is asked alone, in its turn; after a transient error, which
 *   concerns all of them, none is
 * @throws {RegistryError} `service.busy` when too many questions wait
 */
export function batchCalls<Question, Answer>(
  ask: (questions: Question[]) => Promise<Answer[]>,
  { max, limits }: BatchOptions,
): BatchedCall<Question, Answer> {
  const queue = createFairQueue<WaitingQuestion<Question, Answer>>(limits);
  let isAsking = false;

  function takeBatch(): WaitingQuestion<Question, Answer>[] {
    const batch: WaitingQuestion<Question, Answer>[] = [];
    while (batch.length < max) {
      const next = queue.take();
      if (!next) break;
      if (next.item.isAlone && batch.length > 0) {
        queue.requeue(next.space, next.item);
        break;
      }
      batch.push(next.item);
      if (next.item.isAlone) break;
    }
    return batch;
  }

  /** Requeues from the last to the first, so that each space keeps its order. */
  function requeue(waiting: readonly WaitingQuestion<Question, Answer>[]): void {
    for (const item of [...waiting].reverse()) queue.requeue(item.space, item);
  }

  async function askAll(batch: readonly WaitingQuestion<Question, Answer>[]): Promise<void> {
    try {
      const answers = await ask(batch.map(({ question }) => question));
      if (answers.length === 0) throw new Error('no question was answered');
      for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer);
      requeue(batch.slice(answers.length));
    } catch (error) {
      // An outage concerns all: asked alone, each question would wait for it again.
      if (batch.length === 1 || isTransientError(error)) for (const { reject } of batch) reject(error);
      else requeue(batch.map((item) => Object.assign(item, { isAlone: true })));
    }
  }

  async function run(): Promise<void> {
    isAsking = true;
    await nextTurn();
    for (let next = takeBatch(); next.length > 0; next = takeBatch()) await askAll(next);
    isAsking = false;
  }

  return (space, question) =>
    new Promise((resolve, reject) => {
      queue.add(space, { space, question, isAlone: false, resolve, reject });
      if (!isAsking) void run();
    });
}

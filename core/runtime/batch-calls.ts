import { createFairQueue, type FairQueueLimits } from './threads/fair-queue.ts';

/** Asks a question of somebody who answers many as quickly as one. */
export type AskTogether<Question, Answer> = (space: string, question: Question) => Promise<Answer>;

interface Waiting<Question, Answer> {
  space: string;
  question: Question;
  /** Whether it must be asked without others, since asking it with others failed. */
  isAlone: boolean;
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

/**
 * Asks questions that come while others are being answered next, together, one space after another.
 *
 * @param ask answers in their order, at least the first; those without an answer are asked again in their turn. When it
 *   fails for several, each is asked by itself, in its turn
 * @param options.max questions at once
 */
export function askTogether<Question, Answer>(
  ask: (questions: Question[]) => Promise<Answer[]>,
  { max, ...limits }: { max: number } & FairQueueLimits,
): AskTogether<Question, Answer> {
  const queue = createFairQueue<Waiting<Question, Answer>>(limits);
  let isAsking = false;

  function takeNext(): Waiting<Question, Answer>[] {
    const taken: Waiting<Question, Answer>[] = [];
    while (taken.length < max) {
      const next = queue.take();
      if (!next) break;
      if (next.item.isAlone && taken.length > 0) {
        queue.putBack(next.space, next.item);
        break;
      }
      taken.push(next.item);
      if (next.item.isAlone) break;
    }
    return taken;
  }

  /** Puts back from the last to the first, so that each space keeps its order. */
  function putBack(waiting: readonly Waiting<Question, Answer>[]): void {
    for (const item of [...waiting].reverse()) queue.putBack(item.space, item);
  }

  async function askAll(all: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await ask(all.map(({ question }) => question));
      if (answers.length === 0) throw new Error('no question was answered');
      for (const [index, answer] of answers.entries()) all[index]?.resolve(answer);
      putBack(all.slice(answers.length));
    } catch (error) {
      if (all.length === 1) all[0]?.reject(error);
      else putBack(all.map((item) => Object.assign(item, { isAlone: true })));
    }
  }

  async function run(): Promise<void> {
    isAsking = true;
    for (let next = takeNext(); next.length > 0; next = takeNext()) await askAll(next);
    isAsking = false;
  }

  return (space, question) =>
    new Promise((resolve, reject) => {
      queue.add(space, { space, question, isAlone: false, resolve, reject });
      if (!isAsking) void run();
    });
}

/** Asks one question after another of somebody who answers many as quickly as one. */
export type AskTogether<Question, Answer> = (question: Question) => Promise<Answer>;

interface Waiting<Question, Answer> {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

/**
 * Questions that come while others are being answered are asked next, together.
 * @param ask answers all or none, in their order; when it fails for several, each is asked by itself
 * @param most questions at once
 */
export function askTogether<Question, Answer>(
  ask: (questions: Question[]) => Promise<Answer[]>,
  most: number,
): AskTogether<Question, Answer> {
  const waiting: Waiting<Question, Answer>[] = [];
  let asking = false;

  async function askAll(all: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await ask(all.map(({ question }) => question));
      for (const [index, answer] of answers.entries()) all[index]?.resolve(answer);
    } catch (error) {
      if (all.length === 1) all[0]?.reject(error);
      else for (const one of all) await askAll([one]);
    }
  }

  async function run(): Promise<void> {
    asking = true;
    while (waiting.length > 0) await askAll(waiting.splice(0, most));
    asking = false;
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (!asking) void run();
    });
}

import type { Locator, Page } from 'playwright-core';

/** Work of a step, as a person does it. */
export interface StepFigures {
  clicks: number;
  /** Keys that choose or send something, such as Enter. */
  keys: number;
  /** Letters of texts. */
  letters: number;
  /** Milliseconds from each action until its result was visible. */
  waits: number[];
}

/** Hand of a person on mouse and keyboard, which counts what it does. */
export interface Hand {
  page: Page;
  click(target: Locator): Promise<void>;
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Waits until the result of the last action is visible. */
  see(result: Locator): Promise<void>;
  /** Ends a step. @returns what was done since the step before */
  finish(): StepFigures;
}

/** Creates the hand of a page. */
export function createHand(page: Page): Hand {
  let figures = empty();
  let actedAt = performance.now();
  return {
    page,
    async click(target) {
      // A person sees a thing before it is clicked; how long that took is counted by `see`.
      await target.waitFor();
      figures.clicks += 1;
      actedAt = performance.now();
      await target.click();
    },
    async press(...keys) {
      for (const key of keys) {
        figures.keys += 1;
        actedAt = performance.now();
        await page.keyboard.press(key);
      }
    },
    async type(text) {
      figures.letters += text.length;
      await page.keyboard.type(text);
      actedAt = performance.now();
    },
    async see(result) {
      await result.first().waitFor();
      figures.waits.push(performance.now() - actedAt);
    },
    finish() {
      const done = figures;
      figures = empty();
      return done;
    },
  };
}

function empty(): StepFigures {
  return { clicks: 0, keys: 0, letters: 0, waits: [] };
}

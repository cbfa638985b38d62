import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import type { TestPage } from './page.ts';

/** Keyboard of a test, which counts what is pressed. */
export interface Keyboard {
  /** Keys that were pressed, letters of texts left out. */
  pressed(): number;
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Presses Tab, or Shift+Tab, until an element has the focus. */
  tabTo(target: Locator, key?: 'Tab' | 'Shift+Tab'): Promise<void>;
}

/** Most stops of Tab between two places that a person goes on foot. */
const maxStops = 40;

/** Creates the keyboard of a page. */
export function createKeyboard({ page }: TestPage): Keyboard {
  let pressed = 0;
  const press = async (...keys: string[]) => {
    for (const key of keys) {
      pressed += 1;
      await page.keyboard.press(key);
      // No hand is faster than the page is drawn.
      await page.evaluate(
        'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
      );
    }
  };
  return {
    pressed: () => pressed,
    press,
    type: (text) => page.keyboard.type(text),
    async tabTo(target, key = 'Tab') {
      await target.waitFor();
      const focused = target.and(page.locator(':focus'));
      const hasFocus = async () => (await focused.count()) > 0;
      for (let stop = 0; !(await hasFocus()); stop += 1) {
        expect(stop, `stops of ${key} before ${target}`).toBeLessThan(maxStops);
        await press(key);
      }
    },
  };
}

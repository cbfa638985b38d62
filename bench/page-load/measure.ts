import type { Browser, Page } from 'playwright-core';
import { collectLayoutShift } from '../../test/web/support/layout-shift.ts';

/** Figures of a page, in milliseconds but for `shift`. */
export interface PageFigures {
  /** From the start of the navigation, or of the action, until what is waited for was painted. */
  shown: number;
  /** Tasks of more than 50 ms, and the longest of them: the page answers nobody meanwhile. */
  longTasks: number;
  longest: number;
  /** Sum of the layout shifts that no action explains, as Cumulative Layout Shift counts them. */
  shift: number;
}

/** Opens an address in a browser without cache. Measures until a selector is painted and the page rests. */
export async function measureVisit(
  browser: Browser,
  url: string,
  selector: string,
  width?: number,
): Promise<PageFigures> {
  const page = await openMeasured(browser, selector, width);
  try {
    await page.goto(url);
    return await readFigures(page, 0);
  } finally {
    await page.context().close();
  }
}

/** Does something in an open page. Measures until a selector is painted and the page rests. */
export async function measureAction(
  page: Page,
  selector: string,
  act: () => Promise<void>,
): Promise<PageFigures> {
  const startedAt = Number(await page.evaluate(`measured.begin(${JSON.stringify(selector)})`));
  await act();
  return readFigures(page, startedAt);
}

/** Opens a page whose figures are collected. */
export async function openMeasured(browser: Browser, selector: string, width = 1280): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript({
    content: `${collectLayoutShift}\n${collect}\nmeasured.begin(${JSON.stringify(selector)});`,
  });
  return page;
}

async function readFigures(page: Page, startedAt: number): Promise<PageFigures> {
  const shownAt = Number(await page.evaluate('measured.shown'));
  // Count what comes after the first list too. Streams of events never end, so the network shows nothing.
  await page.evaluate('measured.rest()');
  const read = 'JSON.stringify([measured.tasks, layoutShift.sum])';
  const [tasks, shift]: [number[], number] = JSON.parse(String(await page.evaluate(read)));
  return {
    shown: shownAt - startedAt,
    longTasks: tasks.length,
    longest: Math.max(0, ...tasks),
    shift,
  };
}

/** Runs in the page. A text, since this program has no types of pages. */
const collect = `
  globalThis.measured = {
    tasks: [], shown: undefined,
    begin(selector) {
      this.tasks = [];
      layoutShift.sum = 0;
      this.shown = new Promise((resolve) => {
        const look = () => {
          if (!document.querySelector(selector)) return requestAnimationFrame(look);
          // At the frame after this one, this one has been painted.
          requestAnimationFrame(() => resolve(performance.now()));
        };
        requestAnimationFrame(look);
      });
      return performance.now();
    },
    async rest() {
      for (let quiet = 0; quiet < 5; quiet += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (document.querySelector('.skeleton, [aria-busy=true]')) quiet = 0;
      }
    },
  };
  new PerformanceObserver((list) => measured.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });`;

import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { packageFolder } from '../../../core/runtime/package-info.ts';
import type { TestPage } from './page.ts';

const folder = fileURLToPath(new URL('screenshots/', packageFolder));

/** Widths of a desk and of a telephone, in pixels. */
export const widths = [1280, 390] as const;

/** Colours in which the page is examined. */
export const schemes = ['light', 'dark'] as const;

/** Tags of the rules of axe that hold for each page. */
const allRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Rules of axe whose result depends on colours. The page has the same elements in each scheme, so others hold in both. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/** Whether a run writes screenshots, for people: no assertion reads them. */
const writesScreenshots = process.env.SCREENSHOTS === '1';

let axeSource: Promise<string> | undefined;

/**
 * Looks at a page as it stands, at each width and in each scheme. Axe finds nothing to mend, and nothing is wider than
 * the window. With `SCREENSHOTS=1` a screenshot is written for people to examine.
 * @param name of the screenshots
 */
export async function lookAt(test: TestPage, name: string): Promise<void> {
  const { page } = test;
  if (writesScreenshots) await mkdir(folder, { recursive: true });
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      await test.whenStill();
      const place = `${name} at ${width} px, ${colorScheme}`;
      const rules = colorScheme === 'light' ? allRules : colourRules;
      expect(await findAxeViolations(page, rules), place).toEqual([]);
      expect(await page.evaluate(widthOfPage), place).toBeLessThanOrEqual(width);
      const path = join(folder, `${name}-${width}-${colorScheme}.png`);
      if (writesScreenshots) await page.screenshot({ path, fullPage: true });
    }
  }
  await page.setViewportSize({ width: widths[0], height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  test.expectClean();
}

const widthOfPage = 'document.documentElement.scrollWidth';

/**
 * Runs axe in a page.
 * @param rules to run: names, or tags of rules; default those of WCAG 2.0 to 2.2, level A and AA, and of good practice
 * @returns rule and element of each violation
 */
export async function findAxeViolations(page: Page, rules: readonly string[] = allRules): Promise<string[]> {
  axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(await axeSource);
  const violations: unknown = await page.evaluate(`(${runAxe})(${JSON.stringify(rules)})`);
  return Array.isArray(violations) ? violations.map(String) : [String(violations)];
}

/** Runs in the page: it is a text, since the page has no types of axe. Elements that pass are not described, which takes long. */
const runAxe = `(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`;

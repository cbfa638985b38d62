import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { slowdown } from './slowdown.ts';

/** Page of a test in a browser of its own; what the browser complains of is collected. */
export interface TestPage {
  page: Page;
  /** Opens a path, and waits for the heading of its page. */
  visit(path: string): Promise<void>;
  /** Waits until nothing loads any more. */
  whenStill(): Promise<void>;
  /** Allows complaints that a test provokes. */
  allow(complaint: RegExp): void;
  /** Fails on errors in the console, on exceptions, and on violations of the page's policy. */
  expectClean(): void;
  close(): Promise<void>;
}

/** Options of a page. */
export interface PageOptions {
  url: string;
  width?: number;
  scheme?: 'light' | 'dark';
  /** Whether it is the page of a phone: a narrow and low window, fingers in the place of a mouse. */
  phone?: boolean;
  /** Headers of each request, such as credentials. */
  headers?: Record<string, string>;
}

/** Milliseconds in which an element has to be there, on a machine that does other things too. */
const timeoutMs = 30_000 * slowdown;

/** Opens a page with empty storage. */
export async function openPage(browser: Browser, options: PageOptions): Promise<TestPage> {
  const { url, phone = false, width = phone ? 390 : 1280, scheme = 'light', headers } = options;
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: phone ? 700 : 900 },
    hasTouch: phone,
    isMobile: phone,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...(headers ? { extraHTTPHeaders: headers } : {}),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(timeoutMs);
  await slowDown(page);
  const complaints: string[] = [];
  const allowed: RegExp[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.stack ?? error.message}`));
  await page.addInitScript({ content: reportViolations });
  const whenStill = async () => {
    await page.locator('main h1').first().waitFor();
    await page.locator('.skeleton, [aria-busy="true"]').first().waitFor({ state: 'detached' });
  };
  return {
    page,
    async visit(path) {
      await page.goto(path);
      await whenStill();
    },
    whenStill,
    allow: (complaint) => void allowed.push(complaint),
    expectClean() {
      expect(complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    close: () => context.close(),
  };
}

async function slowDown(page: Page): Promise<void> {
  if (slowdown === 1) return;
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
}

/** Tells violations of the page's policy where the test listens. It is a text: this program has no types of pages. */
const reportViolations = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
  console.error('policy: ' + violatedDirective + ' ' + blockedURI + ' ' + sample));`;

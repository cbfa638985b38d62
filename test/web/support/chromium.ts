import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Finds a Chromium of the system; no other is ever downloaded. */
export function findChromium(): string | undefined {
  return candidates.find((path) => existsSync(path) && spawnSync(path, ['--version']).status === 0);
}

/** Tells whether the page can be tested. With `CI=true` always, so that the tests fail where Chromium is missing. */
export function hasChromium(): boolean {
  return process.env.CI === 'true' || findChromium() !== undefined;
}

/**
 * Starts Chromium with nothing of a user's, and without what it would ask other servers.
 * @throws when the system has no Chromium
 */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: install Debian’s `chromium`');
  return chromium.launch({
    executablePath,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

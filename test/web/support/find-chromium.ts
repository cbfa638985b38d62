import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const candidates = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Finds a Chromium of the system; no other is ever downloaded. */
export function findChromium(): string | undefined {
  return candidates.find((path) => existsSync(path) && spawnSync(path, ['--version']).status === 0);
}

/** Tells whether the page can be tested. With `CI=true` always, so that the tests fail where Chromium is missing. */
export function hasChromium(): boolean {
  return process.env.CI === 'true' || findChromium() !== undefined;
}

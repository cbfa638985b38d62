import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, vi } from 'vitest';
import type { Config } from '../../../core/config/settings.ts';
import { type GuardedRegistry, startGuarded } from '../../support/guarded.ts';
import { type RegistryOptions, startRegistry, type TestRegistry } from '../../support/registry.ts';
import { launchChromium } from './chromium.ts';
import { openPage, type PageOptions, type TestPage } from './page.ts';
import { slowdown } from './slowdown.ts';

/** Milliseconds that a test may take: some do a hundred things in a browser, on a machine that does others too. */
const testTimeout = 120_000 * slowdown;

/** Registry and browser of a file of tests; both are there once its tests run. */
export interface Ground<Registry extends TestRegistry> {
  registry(): Registry;
  /** Opens a page of the registry; it is closed with the browser. */
  open(options?: Omit<PageOptions, 'url'>): Promise<TestPage>;
}

/**
 * Starts a registry and a browser for the tests of a file.
 * @param fill stores what the tests examine
 */
export function useGround(
  fill: (registry: TestRegistry) => Promise<void>,
  options: RegistryOptions & { settings?: Partial<Config> } = {},
): Ground<TestRegistry> {
  return startGround(() => startRegistry(options.settings, options), fill);
}

/**
 * Starts a registry with guarded access, and a browser.
 * @param configure makes settings that are known only once other servers of the tests are there
 */
export function useGuardedGround(
  fill: (registry: GuardedRegistry) => Promise<void>,
  configure: () => Promise<Partial<Config>> = async () => ({}),
): Ground<GuardedRegistry> {
  return startGround(async () => startGuarded(await configure()), fill);
}

function startGround<Registry extends TestRegistry>(
  start: () => Promise<Registry>,
  fill: (registry: Registry) => Promise<void>,
): Ground<Registry> {
  vi.setConfig({ testTimeout });
  let started: { registry: Registry; browser: Browser } | undefined;
  const get = () => {
    if (!started) throw new Error('the registry and the browser are there once tests run');
    return started;
  };
  beforeAll(async () => {
    const [registry, browser] = await Promise.all([start(), launchChromium()]);
    started = { registry, browser };
    await fill(registry);
  });
  afterAll(async () => {
    await started?.browser.close();
    await started?.registry.close();
  });
  return {
    registry: () => get().registry,
    open: (options = {}) => openPage(get().browser, { url: get().registry.url, ...options }),
  };
}

import { readSetting, writeSetting } from './settings.ts';

/** Milliseconds after which code that is gone again has the page loaded anew again. */
const minReloadIntervalMs = 10_000;

/** Name of the setting with the time at which the page was loaded anew. */
const reloadedAtSetting = 'reloaded-at';

/**
 * Loads the page anew when a part of its code cannot be had. That is so after an upgrade of the registry. The address
 * stays, and the browser keeps the recipe under work. Nothing happens soon after the last time, since it did not help.
 */
export function reloadOnMissingCode(): void {
  addEventListener('vite:preloadError', () => {
    const now = Date.now();
    const last = Number(readSetting(reloadedAtSetting) ?? 0);
    if (now >= last && now - last < minReloadIntervalMs) return;
    writeSetting(reloadedAtSetting, String(now));
    // A browser that keeps nothing would repeat it without end.
    if (readSetting(reloadedAtSetting) === String(now)) location.reload();
  });
}

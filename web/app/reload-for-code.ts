import { readSetting, writeSetting } from './settings.ts';

/** Milliseconds after which code that is gone again has the page loaded anew again. */
const pauseMs = 10_000;

/** Name of the setting with the time at which the page was loaded anew. */
const name = 'reloaded-at';

/**
 * Loads the page anew when a part of its code cannot be had. That is so after an upgrade of the registry. The address
 * stays, and the browser keeps the recipe under work. Nothing happens soon after the last time, since it did not help.
 */
export function reloadForCode(): void {
  addEventListener('vite:preloadError', () => {
    const now = Date.now();
    const last = Number(readSetting(name) ?? 0);
    if (now >= last && now - last < pauseMs) return;
    writeSetting(name, String(now));
    // A browser that keeps nothing would repeat it without end.
    if (readSetting(name) === String(now)) location.reload();
  });
}

import { useEffect } from 'preact/hooks';

/** Milliseconds between two reloads. */
const intervalMs = 3000;

/**
 * Loads data anew every few seconds while something runs. Such are calls and runs of mirrors.
 * @param reload must be the same function from one rendering to the next
 */
export function useReloadWhile(isRunning: boolean, reload: () => void): void {
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(reload, intervalMs);
    return () => clearInterval(timer);
  }, [isRunning, reload]);
}

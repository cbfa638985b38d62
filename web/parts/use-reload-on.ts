import { useEffect, useRef } from 'preact/hooks';

/**
 * Loads data anew when something changes, after it was loaded for the first time.
 * @param change value that differs from the former one
 */
export function useReloadOn(change: string | number, reload: () => void): void {
  const before = useRef(change);
  useEffect(() => {
    if (before.current === change) return;
    before.current = change;
    reload();
  }, [change, reload]);
}

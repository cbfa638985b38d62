import { useEffect } from 'preact/hooks';

/** Milliseconds between two looks at work that goes on. */
const lookMs = 3000;

/**
 * Loads data anew from time to time while something goes on. Such are calls and runs.
 * @param reload must be the same function from one rendering to the next
 */
export function useLookWhile(goesOn: boolean, reload: () => void): void {
  useEffect(() => {
    if (!goesOn) return;
    const look = setInterval(reload, lookMs);
    return () => clearInterval(look);
  }, [goesOn, reload]);
}

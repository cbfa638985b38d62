import { useEffect, useState } from 'preact/hooks';

/** Follows a value after it has been the same for some milliseconds. */
export function useDebounced<T>(value: T, pauseMs: number): T {
  const [followed, follow] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => follow(() => value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return followed;
}

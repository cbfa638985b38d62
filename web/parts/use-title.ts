import { useEffect } from 'preact/hooks';

/** Names the page in the browser's tab and history. */
export function useTitle(...parts: readonly string[]): void {
  const title = [...parts, 'Helm registry'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}

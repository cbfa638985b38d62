import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Action of a page that the palette offers. */
export interface PageAction {
  label: string;
  run: () => void;
}

/** Actions of the page that is shown. */
export const paletteActions = signal<readonly PageAction[]>([]);

/**
 * Offers actions in the palette while the page is shown. Other parts of it may offer theirs.
 * @param key changes when the actions do
 */
export function usePageActions(actions: readonly PageAction[], key: string): void {
  useEffect(() => {
    paletteActions.value = [...paletteActions.value, ...actions];
    return () => {
      paletteActions.value = paletteActions.value.filter((action) => !actions.includes(action));
    };
  }, [key]);
}

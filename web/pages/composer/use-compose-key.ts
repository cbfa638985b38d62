import { useEffect, useRef } from 'preact/hooks';

/**
 * Composes by Control+Enter, or Command+Enter, anywhere inside an element. By Tab, the button comes after the whole form.
 * @returns the reference for the element; its button is the one that names this shortcut
 */
export function useComposeKey<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      event.preventDefault();
      // A button that is disabled ignores the click: the recipe is not ready then.
      element.querySelector<HTMLButtonElement>(`button[aria-keyshortcuts="${composeKey}"]`)?.click();
    };
    element.addEventListener('keydown', press, { capture: true });
    return () => element.removeEventListener('keydown', press, { capture: true });
  }, []);
  return ref;
}

/** Shortcut as ARIA names it. */
export const composeKey = 'Control+Enter';

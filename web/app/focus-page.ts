/**
 * Moves the focus to the heading of a page after its navigation, so that readers of screens begin there. A field that
 * is being typed in keeps it.
 */
export function focusPage(): void {
  const active = document.activeElement;
  if (active instanceof HTMLInputElement && active.closest('search')) return;
  // The page renders once its code is there, and its heading with its first state.
  requestAnimationFrame(() => {
    const heading = document.querySelector<HTMLElement>('main h1') ?? document.getElementById('main');
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  });
}

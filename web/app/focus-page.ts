/** Links that were followed, by the address of the page that they were on; the way back gives them the focus again. */
const followedLinks = new Map<string, string>();

/** Addresses whose links are remembered. */
const maxRememberedLinks = 50;

let isBackNavigation = false;
addEventListener('popstate', () => {
  isBackNavigation = true;
});
addEventListener(
  'click',
  ({ target }) => {
    isBackNavigation = false;
    const link = target instanceof Element ? target.closest('main a[href]') : null;
    if (link) rememberFollowedLink(link.getAttribute('href') ?? '');
  },
  { capture: true },
);

/**
 * Moves the focus after a navigation. The focus goes to the heading of the page, so that readers of screens begin there, or
 * on the way back to the link that led away. A field that is being typed in keeps it.
 */
export function focusPage(): void {
  const active = document.activeElement;
  if (active instanceof HTMLInputElement && active.closest('search')) return;
  const href = isBackNavigation ? followedLinks.get(address()) : undefined;
  isBackNavigation = false;
  // The page renders once its code is there, and its heading with its first state.
  requestAnimationFrame(() => {
    // Leave the focus to who is in a field of the new page already.
    const now = document.activeElement;
    if (now !== active && now?.matches('main :is(input, select, textarea), dialog *')) return;
    const link =
      href === undefined ? null : document.querySelector<HTMLElement>(`main a[href="${CSS.escape(href)}"]`);
    if (link) {
      link.focus({ preventScroll: true });
      return;
    }
    const heading = document.querySelector<HTMLElement>('main h1') ?? document.getElementById('main');
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  });
}

function address(): string {
  return location.pathname + location.search;
}

function rememberFollowedLink(href: string): void {
  followedLinks.delete(address());
  followedLinks.set(address(), href);
  const [oldest] = followedLinks.keys();
  if (followedLinks.size > maxRememberedLinks && oldest !== undefined) followedLinks.delete(oldest);
}

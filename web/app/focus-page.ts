/** Links that the reader followed, by the address of their page. On the way back a link gets the focus again. */
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
 * Moves the focus after a navigation. The focus goes to the heading of the page, where screen readers begin. On the way
 * back it goes to the link that led away. A field that the reader types in keeps the focus.
 */
export function focusPage(): void {
  const active = document.activeElement;
  if (active instanceof HTMLInputElement && active.closest('search')) return;
  const href = isBackNavigation ? followedLinks.get(address()) : undefined;
  isBackNavigation = false;
  // The page renders once its code is there, and its heading with its first state.
  requestAnimationFrame(() => {
    // Leave the focus where the reader is in a field of the new page already.
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

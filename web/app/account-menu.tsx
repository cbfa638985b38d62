import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { whoAmIQuery } from '../api/lists.ts';
import { isKnownCaller } from '../api/rights.ts';
import { useData } from '../api/use-data.ts';
import { draftKeyOf, forgetDrafts, forgetDraftsOnLeaving } from '../pages/composer/forget-draft.ts';
import { Icon } from '../parts/icon.tsx';
import { pathToLogIn } from '../parts/log-in.ts';
import { listAccountPages } from './navigation.ts';

/** Menu of the reader's account: name, pages and log-out, or the log-in. In an open registry it is nothing. */
export function AccountMenu() {
  const { value, problem } = useData(whoAmIQuery, 'me');
  const { url } = useLocation();
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = ({ target }: Event) => {
      if (menu.current && target instanceof Node && !menu.current.contains(target)) menu.current.open = false;
    };
    addEventListener('pointerdown', close);
    return () => removeEventListener('pointerdown', close);
  }, []);
  // Together with the new page: a later call would close a menu that was opened meanwhile.
  useLayoutEffect(() => {
    if (menu.current) menu.current.open = false;
  }, [url]);
  // A session may have ended by itself: who logs in next gets nothing of the drafts before.
  useEffect(() => {
    if (isKnownCaller(value)) forgetDrafts(draftKeyOf(value));
  }, [value]);
  // Going back may show the page as it was left, also after the log-out.
  const isReader = isKnownCaller(value);
  useEffect(() => {
    if (!isReader) return;
    const show = ({ persisted }: PageTransitionEvent) => {
      if (persisted) location.reload();
    };
    addEventListener('pageshow', show);
    return () => removeEventListener('pageshow', show);
  }, [isReader]);
  // The session of a browser ends without its page.
  const isOver = problem?.status === 401;
  if (value?.kind === 'anonymous' || isOver)
    return (
      <a class="button" data-size="small" href={pathToLogIn(url)}>
        Log in
      </a>
    );
  if (!isKnownCaller(value)) return null;
  return (
    <details
      ref={menu}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !menu.current?.open) return;
        menu.current.open = false;
        menu.current.querySelector('summary')?.focus();
      }}
    >
      <summary class="tool" title={value.name}>
        <Icon name="user" />
        <span class="unseen">Account of {value.name}</span>
      </summary>
      <div class="menu-body">
        <p>
          <strong>{value.name}</strong>
        </p>
        {value.registryRoles.length > 0 ? <p class="small muted">{value.registryRoles.join(', ')}</p> : null}
        {listAccountPages(value).map(({ href, label }) => (
          <a key={href} class="menu-link" href={href}>
            {label}
          </a>
        ))}
        <form method="post" action="/logout" onSubmit={forgetDraftsOnLeaving}>
          <button type="submit" class="button" data-size="small">
            Log out
          </button>
        </form>
      </div>
    </details>
  );
}

import { useLocation } from 'preact-iso';
import { whoAmIQuery } from '../api/lists.ts';
import { useData } from '../api/use-data.ts';
import { Icon } from '../parts/icon.tsx';

/** Account of the reader: its name and the log-out, or the log-in; nothing in an open registry. */
export function Account() {
  const { value } = useData(whoAmIQuery, 'me');
  const { url } = useLocation();
  if (!value || value.kind === 'open') return null;
  if (!('name' in value))
    return (
      <a class="button" data-size="small" href={`/login?return=${encodeURIComponent(url)}`}>
        Log in
      </a>
    );
  return (
    <details class="menu">
      <summary class="tool" title={value.name}>
        <Icon name="user" />
        <span class="unseen">Account of {value.name}</span>
      </summary>
      <div class="menu-body">
        <p>
          <strong>{value.name}</strong>
        </p>
        {value.registryRoles.length > 0 ? <p class="small muted">{value.registryRoles.join(', ')}</p> : null}
        <form method="post" action="/logout">
          <button type="submit" class="button" data-size="small">
            Log out
          </button>
        </form>
      </div>
    </details>
  );
}

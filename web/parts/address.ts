import { useLocation } from 'preact-iso';

/** State of a page in its address. */
export interface AddressState {
  query: Readonly<Record<string, string>>;
  /** Address of this page with other parameters; those that are undefined or empty go. */
  href: (changes: ParameterChanges) => string;
  /** Goes there; with `replace` the state before is not in the history. */
  change: (changes: ParameterChanges, options?: { replace?: boolean }) => void;
}

/** Parameters to change. */
export type ParameterChanges = Readonly<Record<string, string | number | undefined>>;

/** Reads and changes the parameters of the address. */
export function useAddress(): AddressState {
  const { query, route, url } = useLocation();
  const href = (changes: ParameterChanges) => withChangedParameters(url, changes);
  return {
    query,
    href,
    change(changes, { replace = false } = {}) {
      const next = href(changes);
      if (next !== url) route(next, replace);
    },
  };
}

/** Returns an address with changed parameters. */
export function withChangedParameters(url: string, changes: ParameterChanges): string {
  const { pathname, searchParams } = new URL(url, location.origin);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') searchParams.delete(name);
    else searchParams.set(name, String(value));
  }
  const text = searchParams.toString();
  return text === '' ? pathname : `${pathname}?${text}`;
}

/**
 * Address of the composer with what it begins with. A composer begins with a chart to add, or the recipe of a composed version or a
 * job.
 */
export function pathToComposer(begin: { add: string } | { from: string } | { job: string }): string {
  return `/-/compose?${new URLSearchParams(begin)}`;
}

/** Joins names into a path of the page, such as `/-/spaces/demo`. */
export function pathTo(...names: readonly string[]): string {
  return `/-/${names.map(encodeURIComponent).join('/')}`;
}

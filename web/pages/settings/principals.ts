/** Principal as a page shows it. */
export interface ShownPrincipal {
  kind: string;
  name: string;
}

const kinds: Readonly<Record<string, string>> = {
  user: 'User',
  group: 'Group',
  account: 'Service account',
};

/** Reads a principal as the registry writes it, such as `group:team` or `account:demo/ci`. */
export function describePrincipal(principal: string): ShownPrincipal {
  const at = principal.indexOf(':');
  return { kind: kinds[principal.slice(0, at)] ?? '', name: principal.slice(at + 1) };
}

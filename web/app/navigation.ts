import type { WhoAmI } from '@helm-registry/client';
import { isKnownCaller, rightsInRegistry } from '../api/rights.ts';

/** Page that the header and the palette lead to. */
export interface NavigationLink {
  href: string;
  label: string;
  /** Whether an address is below it. */
  owns: (path: string) => boolean;
}

/** Pages of the header, in order. */
export const navigation: readonly NavigationLink[] = [
  {
    href: '/-/',
    label: 'Charts',
    owns: (path) => path === '/-' || /^\/-\/(spaces|charts|search)(\/|$)/.test(path),
  },
  { href: '/-/compose', label: 'Compose', owns: (path) => /^\/-\/compose(\/|$)/.test(path) },
  { href: '/-/jobs', label: 'Jobs', owns: (path) => /^\/-\/jobs(\/|$)/.test(path) },
  { href: '/-/outdated', label: 'Out of date', owns: (path) => /^\/-\/outdated(\/|$)/.test(path) },
];

/** Lists the pages of the account menu, as far as the reader may use them. */
export function listAccountPages(me: WhoAmI | undefined): readonly Pick<NavigationLink, 'href' | 'label'>[] {
  if (!isKnownCaller(me)) return [];
  const { principals, audit } = rightsInRegistry(me);
  return [
    { href: '/-/account', label: 'Your account' },
    ...(principals || audit ? [{ href: '/-/admin', label: 'Administration' }] : []),
  ];
}

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

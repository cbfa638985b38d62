import { useEffect, useRef } from 'preact/hooks';
import { useAddress } from './address.ts';
import { Badge } from './badge.tsx';

/** Tab of a page. */
export interface Tab {
  id: string;
  label: string;
  count?: number | undefined;
}

/**
 * Tabs as links, since each is an address of its own. The first one has the address without the parameter; what belongs
 * to one tab alone is named in `drops`, and leaves the address with it.
 */
export function Tabs({
  label,
  tabs,
  parameter = 'tab',
  drops = [],
}: {
  label: string;
  tabs: readonly Tab[];
  parameter?: string;
  drops?: readonly string[];
}) {
  const { href } = useAddress();
  const current = useTab(tabs, parameter);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    if (nav.current) scrollToCurrentTab(nav.current);
  }, [current]);
  const dropped = Object.fromEntries(drops.map((name) => [name, undefined]));
  return (
    <nav ref={nav} class="tabs" data-inner={parameter === 'view'} aria-label={label}>
      {tabs.map(({ id, label, count }, at) => (
        <a
          key={id}
          href={href({ ...dropped, [parameter]: at === 0 ? undefined : id })}
          aria-current={id === current ? 'page' : undefined}
        >
          {label} {count === undefined ? null : <Badge>{count.toLocaleString('en')}</Badge>}
        </a>
      ))}
    </nav>
  );
}

/** Scrolls a row of tabs that is wider than the window, so that the current one is seen. */
function scrollToCurrentTab(nav: HTMLElement): void {
  const tab = nav.querySelector('[aria-current]')?.getBoundingClientRect();
  const frame = nav.getBoundingClientRect();
  if (tab) nav.scrollLeft += tab.left + tab.width / 2 - frame.left - frame.width / 2;
}

/** Reads which tab the address names; the first where it names none. */
export function useTab(tabs: readonly Tab[], parameter = 'tab'): string | undefined {
  const { query } = useAddress();
  return (tabs.find(({ id }) => id === query[parameter]) ?? tabs[0])?.id;
}

import type { SpaceDetails, WhoAmI } from '@helm-registry/client';
import type { FoundCharts } from '../../api/lists.ts';
import { pathTo } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { paletteActions } from '../../parts/page-actions.ts';
import { hasExactTimes } from '../../parts/time.tsx';
import { toggleExactTimes } from '../exact-times.ts';
import { hasSingleKeyShortcuts } from '../keys.ts';
import { listAccountPages, navigation } from '../navigation.ts';
import { theme, themes } from '../theme.ts';

/** Line of the palette. */
export interface PaletteEntry {
  id: string;
  label: string;
  /** Text at the end of the line, such as the space of a chart. */
  hint?: string;
  group: 'On this page' | 'Charts' | 'Spaces' | 'Pages' | 'Settings';
  /** Address to go to, or what to do. */
  action: string | (() => void);
}

/** Lists the lines for a text. First are those of the page, then what the registry found. */
export function listPaletteEntries(
  text: string,
  found: { charts: readonly FoundCharts['items'][number][]; spaces: readonly SpaceDetails[] },
  me: WhoAmI | undefined,
): PaletteEntry[] {
  const fixed = [...listActionEntries(), ...listPageEntries(me), ...settingEntries()].filter((entry) =>
    hasAllWords(entry.label, text),
  );
  const [here, others] = [
    fixed.filter(({ group }) => group === 'On this page'),
    fixed.filter(({ group }) => group !== 'On this page'),
  ];
  const everywhere: PaletteEntry[] =
    text.trim() === ''
      ? []
      : [
          {
            id: 'search',
            label: `Search charts for “${text.trim()}”`,
            group: 'Pages',
            action: `/-/search?${new URLSearchParams({ q: text.trim() })}`,
          },
        ];
  return [
    ...here,
    ...found.charts.map(entryOfChart),
    ...found.spaces.map(entryOfSpace),
    ...others,
    ...everywhere,
  ];
}

function listActionEntries(): PaletteEntry[] {
  return paletteActions.value.map(({ label, run }) => ({
    id: `action-${label}`,
    label,
    group: 'On this page',
    action: run,
  }));
}

function entryOfChart({ space, name, latest }: FoundCharts['items'][number]): PaletteEntry {
  return {
    id: `chart-${space}-${name}`,
    label: name,
    hint: `${space} · ${latest.version}`,
    group: 'Charts',
    action: pathTo('charts', space, name),
  };
}

function entryOfSpace({ name, charts }: SpaceDetails): PaletteEntry {
  return {
    id: `space-${name}`,
    label: name,
    hint: describeCount(charts, 'chart'),
    group: 'Spaces',
    action: pathTo('spaces', name),
  };
}

function listPageEntries(me: WhoAmI | undefined): PaletteEntry[] {
  const pages = [...navigation, ...listAccountPages(me)];
  const own = pages.map(
    ({ href, label }): PaletteEntry => ({ id: href, label, group: 'Pages', action: href }),
  );
  const openDocs = () => location.assign('/docs');
  return [...own, { id: 'docs', label: 'Interface for programs', group: 'Pages', action: openDocs }];
}

function settingEntries(): PaletteEntry[] {
  const colours = themes
    .filter((name) => name !== theme.value)
    .map(
      (name): PaletteEntry => ({
        id: `theme-${name}`,
        label: `Theme: ${name}`,
        group: 'Settings',
        action: () => {
          theme.value = name;
        },
      }),
    );
  return [
    ...colours,
    {
      id: 'times',
      label: hasExactTimes.value ? 'Times: in words' : 'Times: exact',
      group: 'Settings',
      action: toggleExactTimes,
    },
    {
      id: 'keys',
      label: `Turn ${hasSingleKeyShortcuts.value ? 'off' : 'on'} the “/” key`,
      group: 'Settings',
      action: () => {
        hasSingleKeyShortcuts.value = !hasSingleKeyShortcuts.value;
      },
    },
  ];
}

/** Tells whether every word of a text is in a label. */
export function hasAllWords(label: string, text: string): boolean {
  const lower = label.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

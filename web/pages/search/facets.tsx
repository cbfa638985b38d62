import type { FacetCount } from '@helm-registry/client';
import { type FacetName, type FoundCharts, facetNames } from '../../api/lists.ts';
import { useAddress } from '../../parts/address.ts';
import { FacetValues } from './facet-values.tsx';
import { SinceFacet } from './since-facet.tsx';

/** Values of a facet that show before "more". */
const maxShown = 8;

const facetTitles: Record<FacetName, string> = {
  space: 'Space',
  keyword: 'Keyword',
  type: 'Type',
  deprecated: 'Deprecated',
  signed: 'Signatures',
};

const facetValueLabels: Partial<Record<FacetName, Readonly<Record<string, string>>>> = {
  type: { application: 'Application', library: 'Library' },
  deprecated: { true: 'Deprecated', false: 'Not deprecated' },
  signed: { true: 'Signed', false: 'Not signed' },
};

/** Facets of a search as links, since each choice is an address. Folded where there is no room. */
export function Facets({ facets }: { facets: FoundCharts['facets'] | undefined }) {
  const { query } = useAddress();
  const chosen = [...facetNames, 'since'].filter((name) => query[name] !== undefined).length;
  const isWide = matchMedia('(min-width: 52.001rem)').matches;
  return (
    <details class="facets" open={isWide}>
      <summary>Filters{chosen > 0 ? ` (${chosen})` : ''}</summary>
      <nav aria-label="Filters">
        {facetNames.map((name) => (
          <Facet key={name} name={name} counts={facets?.[name] ?? []} />
        ))}
        {/* With the others: it stands below them, and would move. */}
        {facets ? <SinceFacet /> : null}
      </nav>
    </details>
  );
}

function Facet({ name, counts }: { name: FacetName; counts: readonly FacetCount[] }) {
  const { query } = useAddress();
  const chosen = query[name];
  const toValue = (value: string, count: number) => ({
    value,
    count,
    label: facetValueLabels[name]?.[value] ?? value,
  });
  const known = counts.map(({ value, count }) => toValue(String(value), count));
  // A chosen value can be unchosen where nothing has it.
  const all =
    chosen === undefined || known.some(({ value }) => value === chosen)
      ? known
      : [toValue(chosen, 0), ...known];
  if (all.length === 0) return null;
  const [shown, more] = [all.slice(0, maxShown), all.slice(maxShown)];
  return (
    <section>
      <h2>{facetTitles[name]}</h2>
      <FacetValues name={name} values={shown} />
      {more.length > 0 ? (
        <details open={more.some(({ value }) => value === chosen)}>
          <summary class="small">{more.length} more</summary>
          <FacetValues name={name} values={more} />
        </details>
      ) : null}
    </section>
  );
}

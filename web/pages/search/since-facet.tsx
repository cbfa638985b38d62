import { useAddress } from '../../parts/address.ts';
import { FacetValues } from './facet-values.tsx';

const periods = [
  { days: 7, label: 'Last week' },
  { days: 30, label: 'Last month' },
  { days: 365, label: 'Last year' },
] as const;

const dayMs = 86_400_000;

/** Facet of the time of the last change. Periods begin at a midnight, so each keeps its address for a day. */
export function SinceFacet() {
  const { since } = useAddress().query;
  const recent = periods.map(({ days, label }) => ({ value: midnightBefore(days), label }));
  // A chosen time of another day, or one that was typed, can be unchosen too.
  const isOther = since !== undefined && recent.every(({ value }) => value !== since);
  const values = isOther ? [{ value: since, label: `Since ${since.slice(0, 10)}` }, ...recent] : recent;
  return (
    <section>
      <h2>Changed</h2>
      <FacetValues name="since" values={values} />
    </section>
  );
}

function midnightBefore(days: number): string {
  const date = new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
  return `${date}T00:00:00Z`;
}

import { useAddress } from '../../parts/address.ts';

/** Value by which a search can be narrowed. */
export interface FacetValue {
  value: string;
  label: string;
  /** Number of charts that have it, where that is counted. */
  count?: number;
}

/** Values of a facet as links. The chosen one leads back to all charts. */
export function FacetValues({ name, values }: { name: string; values: readonly FacetValue[] }) {
  const { query, href } = useAddress();
  return (
    <ul class="facet">
      {values.map(({ value, label, count }) => {
        const isChosen = query[name] === value;
        return (
          <li key={value}>
            <a
              href={href({ [name]: isChosen ? undefined : value, start: undefined })}
              aria-current={isChosen ? 'true' : undefined}
            >
              <span>{label}</span>
              <span class="number small muted">{isChosen ? '✕' : count?.toLocaleString('en')}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

import { useEffect, useRef } from 'preact/hooks';
import { useAddress } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { useAfterPause } from '../../parts/use-after-pause.ts';
import './space.css';

/** Orders of a list of charts. */
export const sorts = [
  { value: 'name', label: 'Name' },
  { value: 'updated', label: 'Changed last' },
  { value: 'created', label: 'Newest' },
  { value: 'versions', label: 'Most versions' },
] as const;

const filterChoices = [
  { name: 'type', label: 'Type', options: { application: 'Applications', library: 'Libraries' } },
  { name: 'deprecated', label: 'Deprecated', options: { false: 'Not deprecated', true: 'Deprecated' } },
  { name: 'signed', label: 'Signatures', options: { true: 'Signed', false: 'Not signed' } },
] as const;

const pauseMs = 150;

/** Filters and sort of a list of charts. */
export function ChartFilters({ total }: { total: number | undefined }) {
  const { query, change } = useAddress();
  const filter = useAfterPause(
    (name: string) => change({ q: name.trim(), start: undefined }, { replace: true }),
    pauseMs,
  );
  const field = useRef<HTMLInputElement>(null);
  const { q = '' } = query;
  useEffect(() => {
    if (field.current && document.activeElement !== field.current) field.current.value = q;
  }, [q]);
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <input
        ref={field}
        class="input filter-name"
        type="search"
        aria-label="Part of the name"
        placeholder="Filter by name"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => filter.call(currentTarget.value)}
      />
      {filterChoices.map(({ name, label, options }) => (
        <select
          key={name}
          class="select"
          aria-label={label}
          value={query[name] ?? ''}
          onChange={({ currentTarget }) => change({ [name]: currentTarget.value, start: undefined })}
        >
          <option value="">{label}: any</option>
          {Object.entries(options).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ))}
      <label class="row small muted filter-sort">
        Sort{' '}
        <select
          class="select"
          value={query.sort ?? 'name'}
          onChange={({ currentTarget: { value } }) =>
            change({ sort: value === 'name' ? undefined : value, order: undefined, start: undefined })
          }
        >
          {sorts.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <p class="small muted" role="status">
        {total === undefined ? ' ' : describeCount(total, 'chart')}
      </p>
    </form>
  );
}

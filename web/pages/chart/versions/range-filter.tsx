import { useEffect, useState } from 'preact/hooks';
import { useAddress } from '../../../parts/address.ts';
import { Button } from '../../../parts/button.tsx';
import { describeRangeFault, listOfferedRanges } from './ranges.ts';

/** Filter of versions: a SemVer range, and whether pre-releases are shown. */
export function RangeFilter({ version }: { version: string }) {
  const { query, change } = useAddress();
  const [text, setText] = useState(query.range ?? '');
  // The way back changes the address.
  useEffect(() => setText(query.range ?? ''), [query.range]);
  const hint = describeRangeFault(text);
  const apply = (range: string) => {
    setText(range);
    if (describeRangeFault(range) === undefined) change({ range: range.trim(), start: undefined });
  };
  return (
    <form
      class="range-filter stack"
      onSubmit={(event) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <div class="row">
        <input
          class="input"
          type="search"
          aria-label="SemVer range"
          aria-describedby="range-hint"
          aria-invalid={hint !== undefined}
          placeholder="Range: ^1.2 or >=1 <3"
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            if (currentTarget.value === '') apply('');
          }}
        />
        <Button type="submit">Filter</Button>
        {listOfferedRanges(version).map(({ range, label }) => (
          <Button key={range} size="small" aria-pressed={query.range === range} onClick={() => apply(range)}>
            {label}
          </Button>
        ))}
        <label class="row small">
          <input
            type="checkbox"
            checked={query.releases !== 'true'}
            onChange={({ currentTarget }) =>
              change({ releases: currentTarget.checked ? undefined : 'true', start: undefined })
            }
          />
          Pre-releases
        </label>
      </div>
      <p id="range-hint" class="small muted" role="status">
        {hint ?? ''}
      </p>
    </form>
  );
}

import { useEffect, useState } from 'preact/hooks';
import { useAddress } from '../../parts/address.ts';
import { Button } from '../../parts/button.tsx';
import { ChartPicker } from './chart-picker.tsx';
import { listComposedVersions } from './list-composed-versions.ts';

/** Chart whose recipes may be loaded. */
interface ChosenChart {
  space: string;
  chart: string;
}

/** Choice of a composed version whose recipe takes the place of the one under work. */
export function RecipePicker() {
  const [chosen, setChosen] = useState<ChosenChart>();
  return (
    <div class="recipe-picker">
      <ChartPicker label="Composed chart" onPick={({ space, chart }) => setChosen({ space, chart })} />
      {chosen ? <ComposedVersions key={`${chosen.space}/${chosen.chart}`} of={chosen} /> : null}
    </div>
  );
}

function ComposedVersions({ of: { space, chart } }: { of: ChosenChart }) {
  const { change } = useAddress();
  const [known, setKnown] = useState<readonly string[]>();
  const [version, setVersion] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    // Suggestions only: without them any version may still be typed.
    listComposedVersions(space, chart, abort.signal).then(setKnown, () => {
      if (!abort.signal.aborted) setKnown([]);
    });
    return () => abort.abort();
  }, [space, chart]);
  // The field stays empty: browsers suggest only what fits the text in it.
  const newest = known?.[0] ?? '';
  const wanted = version || newest;
  const load = () => change({ from: `${space}/${chart}/${wanted}` }, { replace: true });
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        load();
      }}
    >
      <label for="load-version">
        Composed version of{' '}
        <bdi>
          {space}/{chart}
        </bdi>
      </label>
      <input
        id="load-version"
        list="load-versions"
        value={version}
        spellcheck={false}
        placeholder={newest}
        aria-describedby="load-version-hint"
        onInput={({ currentTarget }) => setVersion(currentTarget.value)}
      />
      <datalist id="load-versions">
        {(known ?? []).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p id="load-version-hint" class="hint">
        {known?.length === 0
          ? 'None of its newest versions was composed. You may type an older one.'
          : 'Without a version, the newest. Its recipe takes the place of this one. Undo brings this one back.'}
      </p>
      <div class="buttons">
        <Button type="submit" disabled={wanted === ''}>
          Load its recipe
        </Button>
      </div>
    </form>
  );
}

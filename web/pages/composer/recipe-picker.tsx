import { useEffect, useState } from 'preact/hooks';
import { useAddress } from '../../parts/address.ts';
import { Button } from '../../parts/button.tsx';
import { useDebounced } from '../../parts/use-debounced.ts';
import { ChartPicker } from './chart-picker.tsx';
import { type ComposedVersions, listComposedVersions } from './list-composed-versions.ts';

const searchPauseMs = 250;

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
      {chosen ? <VersionForm key={`${chosen.space}/${chosen.chart}`} of={chosen} /> : null}
    </div>
  );
}

function VersionForm({ of: { space, chart } }: { of: ChosenChart }) {
  const { change } = useAddress();
  const [known, setKnown] = useState<ComposedVersions>();
  const [newest, setNewest] = useState('');
  const [version, setVersion] = useState('');
  const text = useDebounced(version.trim(), searchPauseMs);
  useEffect(() => {
    const abort = new AbortController();
    // Suggestions only: without them any version may still be typed.
    listComposedVersions({ space, chart, text }, abort.signal).then(
      (found) => {
        setKnown(found);
        if (text === '') setNewest(found.names[0] ?? '');
      },
      () => {
        if (!abort.signal.aborted) setKnown({ names: [], isPart: false });
      },
    );
    return () => abort.abort();
  }, [space, chart, text]);
  // The field stays empty: browsers suggest only what fits the text in it.
  const wanted = version.trim() || newest;
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
        {known?.names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p id="load-version-hint" class="hint">
        {describeKnown(known, text)}
      </p>
      <div class="buttons">
        <Button type="submit" disabled={wanted === ''}>
          Load its recipe
        </Button>
      </div>
    </form>
  );
}

function describeKnown(known: ComposedVersions | undefined, text: string): string {
  if (known?.names.length !== 0)
    return 'Without a version, the newest. Its recipe takes the place of this one. Undo brings this one back.';
  if (text !== '') return `No composed version has “${text}” in it.`;
  return known.isPart
    ? 'None of its newest versions was composed. Type a part of an older one, such as 1.2.'
    : 'None of its versions was composed.';
}

import { useEffect, useState } from 'preact/hooks';
import { listVersionNames } from './composer-api.ts';
import type { DraftPackage } from './draft.ts';

/** Field of a source's version: one that is stored, a range, or `latest`. */
export function VersionField(props: {
  source: DraftPackage;
  /** Error about the version. */
  fault: string | undefined;
  onChange: (version: string) => void;
}) {
  const { source, fault, onChange } = props;
  const { space, chart, independent } = source;
  const [known, setKnown] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!independent) return;
    const abort = new AbortController();
    // Suggestions only: without them any version may still be typed.
    listVersionNames(space, chart, abort.signal).then(setKnown, () => setKnown([]));
    return () => abort.abort();
  }, [space, chart, independent]);
  return (
    <div class="field">
      <label for="node-version">Version</label>
      <input
        id="node-version"
        list="node-versions"
        value={source.version}
        spellcheck={false}
        aria-invalid={fault !== undefined}
        aria-describedby="node-version-hint"
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <datalist id="node-versions">
        {['latest', ...known].map((version) => (
          <option key={version} value={version} />
        ))}
      </datalist>
      <p id="node-version-hint" class={fault ? 'fault' : 'hint'}>
        {fault ??
          'A version, a range as ^1.2 or ~1.2.3, or latest. Ranges are what makes it possible to recompose.'}
      </p>
    </div>
  );
}

import { comparisonQuery, versionsQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { readStart } from '../../../parts/pager.tsx';
import { Data, Empty } from '../../../parts/states.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { ComparisonView } from './comparison-view.tsx';
import { VersionField } from './version-field.tsx';

/** Versions that the fields suggest. */
const maxSuggestedVersions = 200;

/** Tab that compares two versions. Without others in the address, it compares the version before with the shown one. */
export function Compare({ details }: TabProperties) {
  const { query, change } = useAddress();
  const { space, chart, version } = details;
  const versions = useData(versionsQuery, { space, chart, limit: maxSuggestedVersions });
  const names = versions.value?.items.map((item) => item.version) ?? [];
  const to = query.to ?? version;
  // An old version is not among those that are listed, and neither is the one before it.
  const before = useData(
    versionsQuery,
    query.from === undefined && versions.value && !names.includes(to)
      ? { space, chart, limit: 1, range: `<${to}` }
      : undefined,
  );
  const from =
    query.from ??
    findPreviousVersion(names, to) ??
    (before.isOld ? undefined : before.value?.items[0]?.version);
  const start = readStart(query.start);
  const isReady = from !== undefined && from !== to;
  const comparison = useData(
    comparisonQuery,
    isReady ? { space, chart, version: from, to, start } : undefined,
  );
  if (versions.value && names.length < 2) {
    return (
      <Empty title="Nothing to compare with">
        <p>This is the only version of {chart}.</p>
      </Empty>
    );
  }
  const choose = (changes: { from?: string; to?: string }) =>
    change({ from, to, ...changes, start: undefined });
  return (
    <div class="stack">
      <form class="compare-fields" onSubmit={(event) => event.preventDefault()}>
        <VersionField
          label="From"
          value={from ?? ''}
          names={names}
          onChange={(name) => choose({ from: name })}
        />
        <button
          type="button"
          class="button"
          aria-label="Swap the versions"
          onClick={() => from && change({ from: to, to: from, start: undefined })}
        >
          ⇄
        </button>
        <VersionField label="To" value={to} names={names} onChange={(name) => choose({ to: name })} />
      </form>
      {from === to ? <p class="note">Both are {to}: choose another version on one side.</p> : null}
      {isReady ? (
        <Data data={comparison} lines={12}>
          {(value) => <ComparisonView comparison={value} start={start} />}
        </Data>
      ) : null}
    </div>
  );
}

/** Finds the version before one that is in a list with the highest first; the one after it for the last. */
function findPreviousVersion(names: readonly string[], version: string): string | undefined {
  const at = names.indexOf(version);
  if (at < 0) return undefined;
  return names[at + 1] ?? names[at - 1];
}

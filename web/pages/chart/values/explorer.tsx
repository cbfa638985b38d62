import type { ValuesWithOrigins } from '@helm-registry/client';
import { useMemo, useState } from 'preact/hooks';
import { valuesQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { Button } from '../../../parts/button.tsx';
import { describeCount } from '../../../parts/bytes.ts';
import { Data, Empty } from '../../../parts/states.tsx';
import { indexOrigins, originOf, writeOrigin } from '../../../parts/values/origins.ts';
import { parentsOf, searchValues } from '../../../parts/values/search-values.ts';
import { ValueCell } from '../../../parts/values/value-cell.tsx';
import { isBranch, listRows, type ValueRow } from '../../../parts/values/values-tree.ts';
import { ValuesTreeView } from '../../../parts/values/values-tree-view.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { KeyPanel } from './key-panel.tsx';

/** Explorer of the values that templates get. The explorer has a tree with search, and all that is known of the chosen key. */
export function Explorer({ details }: TabProperties) {
  const { space, chart, version } = details;
  const loaded = useData(valuesQuery, { space, chart, version });
  return (
    <Data data={loaded} lines={14}>
      {(value) => (
        <>
          {value.majors === undefined ? null : (
            <p class="note" data-tone="warn">
              {value.majors}
            </p>
          )}
          {isBranch(value.values) ? (
            <ValuesExplorer details={details} {...value} />
          ) : (
            <Empty title="No values">
              <p>Templates of this version get none unless a user sets some.</p>
            </Empty>
          )}
        </>
      )}
    </Data>
  );
}

function ValuesExplorer({ details, values, origins }: TabProperties & ValuesWithOrigins) {
  const { query, change } = useAddress();
  const current = query.path;
  const search = query.q ?? '';
  const [opened, setOpened] = useState<ReadonlyMap<string, boolean>>(
    () => new Map(parentsOf(current ?? '').map((pointer) => [pointer, true])),
  );
  const [isWhole, setWhole] = useState(false);
  const places = useMemo(() => indexOrigins(origins), [origins]);
  const found = useMemo(() => searchValues(values, search), [values, search]);
  const rows = useMemo(() => {
    const seen = listRows(
      values,
      (pointer) => opened.get(pointer) ?? (isWhole || found.parents.has(pointer)),
    );
    if (search.trim() === '') return seen;
    return seen.filter(({ pointer }) => isKeyShown(pointer, found));
  }, [values, opened, isWhole, search, found]);
  const toggle = ({ pointer, open }: ValueRow) => setOpened(new Map(opened).set(pointer, !open));
  const openAll = (whole: boolean) => {
    setOpened(new Map());
    setWhole(whole);
  };
  return (
    <div class="explorer">
      <form class="code-tools" onSubmit={(event) => event.preventDefault()}>
        <input
          class="input"
          type="search"
          aria-label="Search values by path or value"
          placeholder="Search by path or value: auth.password"
          value={search}
          onInput={({ currentTarget }) => {
            setOpened(new Map());
            change({ q: currentTarget.value }, { replace: true });
          }}
        />
        <span class="small muted" role="status">
          {search.trim() === '' ? '' : describeCount(found.matches.size, 'key')}
        </span>
        <Button size="small" onClick={() => openAll(!isWhole)}>
          {isWhole ? 'Close all' : 'Open all'}
        </Button>
      </form>
      <ValuesTreeView
        label="Values"
        rows={rows}
        current={current}
        matches={found.matches}
        describe={(row) => <ValueCell row={row} origin={originText(row, places)} />}
        onSelect={(path) => change({ path }, { replace: true })}
        onToggle={toggle}
      />
      <KeyPanel key={current} details={details} values={values} origins={places} pointer={current} />
    </div>
  );
}

/** Tells whether a search shows a key: matches, what is above them, and what is below. */
function isKeyShown(pointer: string, found: ReturnType<typeof searchValues>): boolean {
  if (found.matches.has(pointer) || found.parents.has(pointer)) return true;
  return parentsOf(pointer).some((parent) => found.matches.has(parent));
}

function originText(row: ValueRow, places: ReturnType<typeof indexOrigins>): string {
  const origin = row.children ? undefined : originOf(places, row.pointer);
  return origin ? writeOrigin(origin) : '';
}

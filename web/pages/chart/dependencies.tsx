import type { DeclaredDependency } from '@helm-registry/client';
import { filesQuery } from '../../api/chart.ts';
import { type DependencyTarget, dependencyTargetsQuery } from '../../api/dependencies.ts';
import { useData } from '../../api/use-data.ts';
import { Badge } from '../../parts/badge.tsx';
import { pathToChart } from '../../parts/chart-address.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { OutsideLink } from './readme/outside-link.tsx';
import type { TabProperties } from './tab-properties.ts';

interface DependencyRow extends DeclaredDependency {
  /** Place in the list: a name may be declared twice, under two conditions. */
  place: number;
  target: DependencyTarget | undefined;
  folder: string | undefined;
}

/** Tab of the dependencies: those that Chart.yaml declares, and the charts that are inside. */
export function Dependencies({ details }: TabProperties) {
  const { space, chart, version, dependencies } = details;
  const at = { space, chart, version };
  const files = useData(filesQuery, at);
  const wanted = dependencies.map(({ name, repository }) => ({ name, repository }));
  const targets = useData(dependencyTargetsQuery, wanted.length > 0 ? { space, wanted } : undefined);
  const folders = chartFolders(files.value?.items.map(({ path }) => path) ?? []);
  const rows = dependencies.map((dependency, place) => ({
    ...dependency,
    place,
    target: targets.value?.[place],
    folder: folders.find((folder) => folder === `charts/${dependency.name}`),
  }));
  const others = folders.filter((folder) => !rows.some((row) => row.folder === folder));
  if (dependencies.length === 0 && folders.length === 0 && !files.isLoading && !files.problem) {
    return (
      <Empty title="No dependencies">
        <p>This version declares none, and has no charts inside.</p>
      </Empty>
    );
  }
  const columns: Column<DependencyRow>[] = [
    { id: 'name', label: 'Name', cell: (row) => <Name row={row} /> },
    { id: 'version', label: 'Version', cell: (row) => (row.version ? <code>{row.version}</code> : null) },
    { id: 'repository', label: 'Repository', cell: (row) => <Repository address={row.repository} /> },
    { id: 'condition', label: 'Condition', cell: (row) => <Condition row={row} details={details} /> },
    { id: 'inside', label: 'In the archive', cell: (row) => <InsideChartLink row={row} details={details} /> },
  ];
  return (
    <div class="stack">
      {rows.length > 0 ? (
        <Table
          label="Declared dependencies"
          columns={columns}
          rows={rows}
          keyOf={({ place }) => String(place)}
        />
      ) : null}
      <Data data={files} lines={3}>
        {() =>
          others.length > 0 ? (
            <section class="stack">
              <h2>Charts inside</h2>
              <ul>
                {others.map((folder) => (
                  <li key={folder}>
                    <a
                      href={pathToChart(space, chart, version, {
                        tab: 'files',
                        path: `${folder}/Chart.yaml`,
                      })}
                    >
                      {folder}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          ) : null
        }
      </Data>
    </div>
  );
}

function Name({ row: { name, alias, target } }: { row: DependencyRow }) {
  return (
    <>
      {target ? <a href={pathToChart(target.space, target.name)}>{name}</a> : <bdi>{name}</bdi>}
      {alias ? <span class="muted"> as {alias}</span> : null}
      {target?.deprecated ? <Badge tone="danger">deprecated</Badge> : null}
    </>
  );
}

function Repository({ address }: { address: string | undefined }) {
  return address ? <OutsideLink address={address} /> : null;
}

function Condition({ row: { condition }, details }: TabProperties & { row: DependencyRow }) {
  if (!condition) return null;
  const [first = ''] = condition.split(',');
  const path = first
    .split('.')
    .map((part) => `/${part}`)
    .join('');
  const { space, chart, version } = details;
  return (
    <a class="mono" href={pathToChart(space, chart, version, { tab: 'values', path })}>
      {condition}
    </a>
  );
}

function InsideChartLink({
  row: { folder },
  details: { space, chart, version },
}: TabProperties & { row: DependencyRow }) {
  if (!folder) return <span class="muted">no</span>;
  return (
    <a href={pathToChart(space, chart, version, { tab: 'files', path: `${folder}/Chart.yaml` })}>{folder}</a>
  );
}

/** Lists the folders of charts directly inside. */
function chartFolders(paths: readonly string[]): string[] {
  const folders = paths.flatMap((path) => /^charts\/[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders)];
}

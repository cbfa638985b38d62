import type { DryRun } from '@helm-registry/client';
import { useMemo, useState } from 'preact/hooks';
import { countResultCharts, listResultCharts, type ResultChart } from './result-tree.ts';

/** Charts inside the new one as a nested list. There may be many, and they are drawn only while it is open. */
export function ResultCharts({ result }: { result: DryRun }) {
  const [isOpen, setOpen] = useState(false);
  const charts = useMemo(() => listResultCharts(result), [result]);
  if (charts.length === 0) return null;
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Charts inside: {countResultCharts(charts)}</summary>
      {isOpen ? <ChartsInside charts={charts} /> : null}
    </details>
  );
}

function ChartsInside({ charts }: { charts: readonly ResultChart[] }) {
  return (
    <ul>
      {charts.map(({ name, version, origin, charts: below }, index) => (
        <li key={index}>
          <bdi>{name}</bdi> <b>{version}</b> <span class="hint">{origin}</span>
          {below.length > 0 ? <ChartsInside charts={below} /> : null}
        </li>
      ))}
    </ul>
  );
}

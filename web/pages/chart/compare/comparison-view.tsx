import type { Comparison, DependencyChange, SubchartChange } from '@helm-registry/client';
import type { ComponentChildren } from 'preact';
import { Badge } from '../../../parts/badge.tsx';
import { Pager } from '../../../parts/pager.tsx';
import { Empty } from '../../../parts/states.tsx';
import { ChangeBadge } from './change-badge.tsx';
import { FileChanges } from './file-changes.tsx';
import { KeyChanges } from './key-changes.tsx';

/** Items of a page of each list. */
const pageLength = 100;

/** Difference between two versions, list by list; lists without a change are left out. */
export function ComparisonView({ comparison, start }: { comparison: Comparison; start: number }) {
  const { metadata, dependencies, subcharts, values, files } = comparison;
  const total = Math.max(
    ...[metadata, dependencies, subcharts, values, files].map((list) => list?.total ?? 0),
  );
  if (total === 0) {
    return (
      <Empty title="No difference">
        <p>
          {comparison.from.version} and {comparison.to.version} have the same content.
        </p>
      </Empty>
    );
  }
  return (
    <div class="stack">
      <ComparisonSection name="Values" total={values?.total}>
        <KeyChanges changes={values?.items ?? []} />
      </ComparisonSection>
      <ComparisonSection name="Charts inside" total={subcharts?.total}>
        <ul class="changes-list">
          {subcharts?.items.map((change) => (
            <Subchart key={change.path} change={change} />
          ))}
        </ul>
      </ComparisonSection>
      <ComparisonSection name="Dependencies" total={dependencies?.total}>
        <ul class="changes-list">
          {dependencies?.items.map((change) => (
            <Dependency key={change.name} change={change} />
          ))}
        </ul>
      </ComparisonSection>
      <ComparisonSection name="Metadata" total={metadata?.total}>
        <KeyChanges changes={metadata?.items ?? []} />
      </ComparisonSection>
      <ComparisonSection name="Files" total={files?.total}>
        <FileChanges changes={files?.items ?? []} from={comparison.from} to={comparison.to} />
      </ComparisonSection>
      <Pager start={start} limit={pageLength} total={total} of="changes" />
    </div>
  );
}

function ComparisonSection({
  name,
  total,
  children,
}: {
  name: string;
  total: number | undefined;
  children: ComponentChildren;
}) {
  if (!total) return null;
  return (
    <details class="card compare-part" open>
      <summary>
        <h2>{name}</h2> <Badge>{total.toLocaleString('en')}</Badge>
      </summary>
      {children}
    </details>
  );
}

function Subchart({ change: { path, name, change, from, to } }: { change: SubchartChange }) {
  return (
    <li>
      <ChangeBadge change={change} /> <bdi title={path}>{name}</bdi> <Versions from={from} to={to} />
    </li>
  );
}

function Dependency({ change: { name, change, from, to } }: { change: DependencyChange }) {
  return (
    <li>
      <ChangeBadge change={change} /> <bdi>{name}</bdi>{' '}
      <Versions from={textIfString(from?.version)} to={textIfString(to?.version)} />
    </li>
  );
}

function Versions({ from, to }: { from: string | undefined; to: string | undefined }) {
  const text = from !== undefined && to !== undefined && from !== to ? `${from} → ${to}` : (to ?? from ?? '');
  return <span class="mono muted">{text}</span>;
}

function textIfString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

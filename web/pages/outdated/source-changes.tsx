import type { ComposedState, SourceState } from '@helm-registry/client';
import { pathTo } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';

/** Sources of a composed chart that changed or have newer releases. The list says from which version to which. */
export function SourceChanges({ chart }: { chart: ComposedState }) {
  const changed = chart.sources.filter(isChanged);
  return (
    <ul class="source-changes small" aria-label={`Sources of ${chart.chart}`}>
      {changed.map((source) => (
        <li key={source.pointer}>
          <a href={pathTo('charts', source.space, source.chart, source.version)}>{source.chart}</a>{' '}
          <span class="mono">{source.version}</span> <SourceChangeItem source={source} />
        </li>
      ))}
      {changed.length === 0 ? <li class="muted">All sources are as they were.</li> : null}
      {chart.hidden > 0 ? <li class="muted">{chart.hidden} sources are not readable for you.</li> : null}
    </ul>
  );
}

function SourceChangeItem({
  source: { version, requested, now, outdated, stored, newer = {} },
}: {
  source: SourceState;
}) {
  const highest = newer.major ?? newer.minor ?? newer.patch;
  return (
    <>
      {outdated && now && now.version !== version ? (
        <>
          <span aria-hidden="true">→</span>
          <span class="unseen">would be</span> <span class="mono added">{now.version}</span>{' '}
          {now.deprecated ? <Badge tone="danger">deprecated</Badge> : null}{' '}
        </>
      ) : null}
      {outdated && now && now.version === version ? <Badge tone="warn">replaced by other bytes</Badge> : null}
      {outdated && now === null ? <Badge tone="danger">nothing matches {requested}</Badge> : null}
      {stored === 'gone' ? <Badge tone="danger">deleted</Badge> : null}{' '}
      {highest ? (
        <span class="muted">
          · {highest.version} is there, and not allowed by <code>{requested}</code>
        </span>
      ) : null}
    </>
  );
}

function isChanged({ outdated, newer = {}, stored }: SourceState): boolean {
  return outdated === true || stored === 'gone' || Object.keys(newer).length > 0;
}

import type { ComposedState, Lineage, SourceState } from '@helm-registry/client';
import { spaceQuery } from '../../../api/lists.ts';
import { useData } from '../../../api/use-data.ts';
import { pathToComposer } from '../../../parts/address.ts';
import { Badge } from '../../../parts/badge.tsx';
import { pathToChart } from '../../../parts/chart-address.ts';
import { Time } from '../../../parts/time.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { ComposeAgain } from './compose-again.tsx';
import { listSources, type SourceNode } from './source-tree.ts';

/**
 * Sources of a composed version as a nested list. The list shows whether sources are up to date, and the way to compose it
 * again.
 */
export function MadeFrom({
  details,
  lineage,
  state,
}: TabProperties & { lineage: Lineage; state: ComposedState | undefined }) {
  const { space, chart, version } = details;
  // Nothing is composed into a mirror.
  const target = useData(spaceQuery, space);
  return (
    <>
      <div class="row">
        {state ? <StateBadge state={state} /> : null}
        <span class="muted small">
          composed <Time at={lineage.composedAt} />
          {lineage.modified ? ', and changed by hand since' : ''} ·{' '}
          <a href={`/-/jobs/${lineage.job}`}>its job</a>
        </span>
      </div>
      <SourceList nodes={listSources(lineage, state)} />
      <div class="row">
        {target.value?.mirror ? null : (
          <ComposeAgain details={details} isOutdated={state?.outdated ?? false} />
        )}
        <a class="button" href={pathToComposer({ from: `${space}/${chart}/${version}` })}>
          Change the recipe
        </a>
      </div>
    </>
  );
}

function StateBadge({ state: { state, hidden } }: { state: ComposedState }) {
  const text = { outdated: 'out of date', newer: 'newer versions exist', current: 'up to date' }[state];
  const tone = { outdated: 'warn', newer: 'accent', current: 'good' } as const;
  return (
    <>
      <Badge tone={tone[state]}>{text}</Badge>
      {hidden > 0 ? <span class="muted small">{hidden} sources are hidden from you</span> : null}
    </>
  );
}

function SourceList({ nodes }: { nodes: readonly SourceNode[] }) {
  if (nodes.length === 0) return <p class="muted">It has no sources.</p>;
  return (
    <ul class="lineage-list">
      {nodes.map((node) => (
        <li key={node.pointer}>
          <Source node={node} />
          {node.children.length > 0 ? <SourceList nodes={node.children} /> : null}
        </li>
      ))}
    </ul>
  );
}

function Source({ node: { name, kind, space, chart, version, state } }: { node: SourceNode }) {
  const text = (
    <>
      <bdi>{space ? `${space}/${chart}` : chart}</bdi> {version}
    </>
  );
  return (
    <>
      {name && name !== chart ? (
        <>
          <bdi class="source-name">{name}</bdi> <span class="muted">from</span>{' '}
        </>
      ) : null}
      {kind === 'hidden' ? <span class="muted">a chart that you may not read</span> : null}
      {kind === 'umbrella' ? <span class="muted">an umbrella of its own</span> : null}
      {kind === 'subchart' ? <span>{text} inside its parent</span> : null}
      {kind === 'stored' && space && chart ? <a href={pathToChart(space, chart, version)}>{text}</a> : null}
      {state ? <SourceNews state={state} /> : null}
    </>
  );
}

function SourceNews({ state: { requested, outdated, now, newer, stored } }: { state: SourceState }) {
  const higher = newer?.major ?? newer?.minor ?? newer?.patch;
  return (
    <>
      {' '}
      <span class="muted small">asked for {requested}</span>{' '}
      {outdated ? (
        <Badge tone="warn">{now ? `now ${now.version}` : 'now none fits'}</Badge>
      ) : higher ? (
        <Badge tone="accent">newer: {higher.version}</Badge>
      ) : null}{' '}
      {stored === 'gone' ? <Badge tone="danger">deleted</Badge> : null}
      {stored === 'replaced' ? <Badge tone="warn">replaced</Badge> : null}
    </>
  );
}

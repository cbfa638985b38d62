import type { FullVersionDetails } from '@helm-registry/client';
import { composedStateQuery, dependentsQuery, lineageQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { useAddress } from '../../../parts/address.ts';
import { describeCount } from '../../../parts/bytes.ts';
import { pathToChart } from '../../../parts/chart-address.ts';
import { Pager, readStart } from '../../../parts/pager.tsx';
import { Data, Empty } from '../../../parts/states.tsx';
import type { TabProperties } from '../tab-properties.ts';
import { LineageGraph } from './lineage-graph.tsx';
import { MadeFrom } from './made-from.tsx';
import { listSources } from './source-tree.ts';

/** Dependents of a page. */
const pageLength = 20;

/** Tab of what a version was made from, and what was made from it. */
export function LineageTab({ details }: TabProperties) {
  const { query } = useAddress();
  const { space, chart, version, composed } = details;
  const at = { space, chart, version };
  const start = readStart(query.start);
  const lineage = useData(lineageQuery, composed ? at : undefined);
  const state = useData(composedStateQuery, composed ? at : undefined);
  const dependents = useData(dependentsQuery, { ...at, start, limit: pageLength });
  const sources = lineage.value ? listSources(lineage.value, state.value) : undefined;
  return (
    <div class="stack">
      {dependents.value && (sources || !composed) ? (
        <LineageGraph name={`${chart} ${version}`} sources={sources ?? []} made={dependents.value.items} />
      ) : null}
      <section class="stack" aria-labelledby="made-from">
        <h2 id="made-from">Made from</h2>
        {composed ? (
          <Data data={lineage} lines={6}>
            {(value) => <MadeFrom details={details} lineage={value} state={state.value} />}
          </Data>
        ) : (
          <p class="muted">This version was uploaded, not composed here.</p>
        )}
      </section>
      <section class="stack" aria-labelledby="made-into">
        <h2 id="made-into">Made into</h2>
        <Data data={dependents} lines={4}>
          {({ items, total }) =>
            total === 0 ? (
              <NoDependents details={details} />
            ) : (
              <>
                <p class="muted small">
                  {describeCount(total, 'version')} composed from it, the newest first.
                </p>
                <ul class="lineage-list">
                  {items.map((made) => (
                    <li key={made.link}>
                      <a href={pathToChart(made.space, made.chart, made.version, { tab: 'lineage' })}>
                        <bdi>
                          {made.space}/{made.chart}
                        </bdi>{' '}
                        {made.version}
                      </a>
                      {made.sourceDigest === details.digest ? null : (
                        <span class="muted small"> from an archive that was replaced since</span>
                      )}
                    </li>
                  ))}
                </ul>
                <Pager start={start} limit={pageLength} total={total} of="versions" />
              </>
            )
          }
        </Data>
      </section>
    </div>
  );
}

function NoDependents({ details: { chart, version } }: { details: FullVersionDetails }) {
  return (
    <Empty title="Nothing yet">
      <p>
        No chart in this registry was composed from {chart} {version}.
      </p>
    </Empty>
  );
}

import { useEffect, useRef } from 'preact/hooks';
import { type MirrorVersionRow, mirrorVersionsQuery } from '../../api/mirror.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { BeyondEnd } from '../../parts/beyond-end.tsx';
import { pathToChart } from '../../parts/chart-address.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { readKnownWord } from '../../parts/read-query.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useReloadOn } from '../../parts/use-reload-on.ts';
import { adviseOnFault } from './fault-advice.ts';
import { isStoredOutcome, outcomeTexts } from './outcome-texts.ts';
import { versionOutcomes } from './outcomes.ts';

const limit = 25;

/** Texts for versions that failed in a run, by whether they are tried again. */
const retryTexts = {
  true: 'It is tried again by itself.',
  false: 'It is not tried again by itself: have the mirror run.',
} as const;

/**
 * Versions of a mirror with what came of each, at last or in a run. One outcome or all, and the run, in the address.
 * @param run loads them anew when it changes
 */
export function MirrorVersions({ space, run }: { space: string; run: string }) {
  const { query, change, href } = useAddress();
  const start = readStart(query.start);
  const outcome = readKnownWord(versionOutcomes, query.outcome);
  const ofRun = readRunNumber(query.run);
  const versions = useData(mirrorVersionsQuery, { space, outcome, run: ofRun, page: { start, limit } });
  useReloadOn(run, versions.reload);
  const title = useRef<HTMLHeadingElement>(null);
  const shownRun = useRef(ofRun);
  // The link to a run stands far below its results.
  useEffect(() => {
    if (shownRun.current === ofRun) return;
    shownRun.current = ofRun;
    title.current?.focus();
  }, [ofRun]);
  return (
    <section class="stack">
      <div class="row spread">
        <h2 ref={title} tabIndex={-1}>
          {ofRun === undefined ? 'Versions' : `Versions in run ${ofRun}`}
        </h2>
        <select
          class="select"
          aria-label="Outcome of versions"
          value={outcome ?? ''}
          onChange={({ currentTarget }) => change({ outcome: currentTarget.value, start: undefined })}
        >
          <option value="">All outcomes</option>
          {versionOutcomes.map((word) => (
            <option key={word} value={word}>
              {`${word.charAt(0).toUpperCase()}${word.slice(1)}`}
            </option>
          ))}
        </select>
      </div>
      {ofRun === undefined ? null : (
        <p>
          Versions that were as before are counted only.{' '}
          <a href={href({ run: undefined, outcome: undefined, start: undefined })}>
            Show the last outcome of each version
          </a>
        </p>
      )}
      <Data data={versions} lines={6}>
        {({ items, total }) =>
          items.length === 0 && total > 0 ? (
            <BeyondEnd of="versions" />
          ) : items.length === 0 ? (
            <Empty title={outcome === undefined ? 'No versions yet' : `No version is ${outcome}`}>
              {outcome === undefined ? (
                <p>
                  {ofRun === undefined
                    ? 'They are listed once a run has looked at the upstream.'
                    : 'The run had nothing to do, or it is so old that only its counts are kept.'}
                </p>
              ) : (
                <a href={href({ outcome: undefined, start: undefined })}>Show all versions</a>
              )}
            </Empty>
          ) : (
            <div>
              <div class="card">
                <Table
                  label="Versions of the mirror"
                  columns={columnsOf(space, ofRun === undefined)}
                  rows={items}
                  keyOf={({ chart, version }) => `${chart} ${version}`}
                />
              </div>
              <Pager start={start} limit={limit} total={total} of="versions" />
            </div>
          )
        }
      </Data>
    </section>
  );
}

/** Reads the number of a run; undefined for what is none. */
function readRunNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function columnsOf(space: string, hasRuns: boolean): readonly Column<MirrorVersionRow>[] {
  const run: Column<MirrorVersionRow> = {
    id: 'run',
    label: 'Run',
    isNumber: true,
    cell: ({ run }) => run ?? null,
  };
  return [
    {
      id: 'version',
      label: 'Version',
      cell: ({ chart, version, outcome }) => {
        const name = (
          <>
            <bdi>{chart}</bdi> <span class="mono">{version}</span>
          </>
        );
        return isStoredOutcome(outcome) ? (
          <a href={pathToChart(space, chart, version)}>{name}</a>
        ) : (
          <span>{name}</span>
        );
      },
    },
    {
      id: 'outcome',
      label: 'Outcome',
      cell: ({ outcome }) => <Badge tone={outcomeTexts[outcome].tone}>{outcome}</Badge>,
    },
    {
      id: 'why',
      label: 'Why',
      isText: true,
      cell: ({ outcome, error, upstreamDigest, retries }) => (
        <div>
          <p>{error ? error.message : outcomeTexts[outcome].text}</p>
          {error ? <p class="small muted">{adviseOnFault(error.code)}</p> : null}
          {retries === undefined ? null : <p class="small muted">{retryTexts[`${retries}`]}</p>}
          {upstreamDigest === undefined ? null : <p class="small mono upstream">{upstreamDigest}</p>}
        </div>
      ),
    },
    ...(hasRuns ? [run] : []),
    { id: 'at', label: 'Looked at', cell: ({ at }) => <Time at={at} /> },
  ];
}

import type { RetentionRun } from '@helm-registry/client';
import { retentionRunQuery } from '../../api/retention.ts';
import { useData } from '../../api/use-data.ts';
import { pathTo } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Data } from '../../parts/states.tsx';
import { RulesTable } from './rules.tsx';

/** Rules that a run applies, and the versions that it has deleted. Versions are shown as far as they can be restored. */
export function RunDialog(props: { space: string; run: RetentionRun | undefined; onClose: () => void }) {
  const { space, run, onClose } = props;
  return (
    <Dialog title="Run of the retention" isOpen={run !== undefined} onClose={onClose}>
      {run === undefined ? null : <RetentionRunFacts space={space} run={run} />}
    </Dialog>
  );
}

function RetentionRunFacts({ space, run }: { space: string; run: RetentionRun }) {
  const shown = useData(retentionRunQuery, { space, run });
  return (
    <Data data={shown} lines={6}>
      {({ rules, versions, deleted }) => (
        <div class="stack">
          <RulesTable rules={rules} />
          <p>
            It has deleted {describeCount(deleted, 'version')}.{' '}
            {deleted > versions.length
              ? `${describeCount(versions.length, 'version')} can be restored and ${versions.length === 1 ? 'is' : 'are'} shown here.`
              : ''}
          </p>
          {versions.length === 0 ? null : (
            <>
              <ul class="parts">
                {versions.map(({ chart, version }) => (
                  <li key={`${chart} ${version}`}>
                    <bdi>{chart}</bdi> <span class="mono">{version}</span>
                  </li>
                ))}
              </ul>
              <p>
                <a href={`${pathTo('spaces', space, 'settings')}?tab=deleted`}>Restore versions</a>
              </p>
            </>
          )}
        </div>
      )}
    </Data>
  );
}

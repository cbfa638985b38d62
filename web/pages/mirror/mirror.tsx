import type { Mirror as SpaceMirror } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { mirrorQuery } from '../../api/mirror.ts';
import { registry } from '../../api/registry.ts';
import type { SpaceRights } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { FormButton } from '../../parts/form/form-button.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { useReloadWhile } from '../../parts/use-reload-while.ts';
import { MirrorActions } from './mirror-actions.tsx';
import { MirrorFields } from './mirror-fields.tsx';
import { MirrorRuns } from './mirror-runs.tsx';
import { MirrorState } from './mirror-state.tsx';
import { MirrorVersions } from './mirror-versions.tsx';
import { readMirror } from './read-mirror.ts';
import './mirror.css';

/** Page of the mirror of a space. Shown are what is copied, how runs went, and what came of each version. Owners set it. */
export function Mirror({ space, may }: { space: string; may: SpaceRights }) {
  const mirror = useData(mirrorQuery, space);
  const { value, reload } = mirror;
  const changes = useSignal(0);
  const onChanged = () => {
    changes.value += 1;
    reload();
  };
  useReloadWhile(value ? isRunningOrDue(value) : false, reload);
  return (
    <Data data={mirror} lines={8}>
      {(shown) =>
        shown === null ? (
          <Empty title="This space is not a mirror">
            <p>
              A mirror copies the charts of a repository elsewhere, by a schedule. Nothing else is stored in
              it.
            </p>
            {may.configures ? (
              <FormButton
                label="Make it a mirror"
                title={`Mirror in ${space}`}
                action="Begin to copy"
                kind="primary"
                done="The space is a mirror, and its first run begins."
                send={async (fields) => {
                  await registry.space(space).mirror.set(readMirror(fields));
                  onChanged();
                }}
              >
                <MirrorFields />
              </FormButton>
            ) : (
              <p>Owners of the space can make it one.</p>
            )}
          </Empty>
        ) : (
          <div class="stack mirror">
            <section class="stack">
              <div class="row spread">
                <h2>Mirror</h2>
                {may.configures ? <MirrorActions space={space} mirror={shown} onChanged={onChanged} /> : null}
              </div>
              <MirrorState mirror={shown} />
            </section>
            <MirrorVersions space={space} run={lastRunKeyOf(shown)} />
            <MirrorRuns space={space} run={lastRunKeyOf(shown)} />
          </div>
        )
      }
    </Data>
  );
}

/** Milliseconds before a run that count as its begin: the clocks of browser and registry differ. */
const clockToleranceMs = 30_000;

/** Whether a run goes on, or is about to begin. */
function isRunningOrDue({ run, dueAt }: SpaceMirror): boolean {
  return run?.state === 'running' || (dueAt !== null && Date.parse(dueAt) <= Date.now() + clockToleranceMs);
}

/** Names the newest run and its state, so that lists are loaded anew when it changes. */
function lastRunKeyOf({ run }: SpaceMirror): string {
  return `${run?.number} ${run?.state}`;
}

import { useSignal } from '@preact/signals';
import { registry } from '../../api/registry.ts';
import { retentionQuery } from '../../api/retention.ts';
import type { SpaceRights } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { Data } from '../../parts/states.tsx';
import { Preview } from './preview.tsx';
import { readRetention } from './read-rules.ts';
import { Rules } from './rules.tsx';
import { RulesFields } from './rules-form.tsx';
import { RunNow } from './run-now.tsx';
import { Runs } from './runs.tsx';
import './retention.css';

/** Retention of a space: its rules, what a run would do, and the runs. Readers see all of it, without buttons. */
export function Retention({ space, may }: { space: string; may: SpaceRights }) {
  const retention = useData(retentionQuery, space);
  const changes = useSignal(0);
  const onChanged = () => {
    changes.value += 1;
    retention.reload();
  };
  return (
    <Data data={retention} lines={8}>
      {(value) => (
        <div class="stack retention">
          <section class="stack">
            <div class="row spread">
              <h2>Retention</h2>
              {may.maintains ? (
                <div class="row">
                  <FormButton
                    label={value.rules.length > 0 ? 'Edit' : 'Set rules'}
                    title={`Retention of ${space}`}
                    action="Save"
                    kind="primary"
                    done="The rules are saved. Look below what a run would do."
                    send={async (fields) => {
                      await registry.space(space).retention.set(readRetention(fields));
                      onChanged();
                    }}
                  >
                    <RulesFields retention={value} />
                  </FormButton>
                  {value.rules.length > 0 ? (
                    <>
                      <RunNow space={space} retention={value} onDone={onChanged} />
                      <ConfirmButton
                        label="End retention"
                        of={`of ${space}`}
                        action="End retention"
                        done="Retention is ended. Rules no longer delete anything."
                        act={async () => {
                          await registry.space(space).retention.end();
                          onChanged();
                        }}
                      >
                        <p>The rules go, and an open run ends. Rules no longer delete anything.</p>
                      </ConfirmButton>
                    </>
                  ) : null}
                </div>
              ) : null}
            </div>
            <Rules retention={value} />
          </section>
          {value.rules.length > 0 ? (
            <Preview key={value.changedAt} space={space} changes={changes.value} />
          ) : null}
          <Runs space={space} mayLook={may.maintains} changes={changes.value} onEnded={onChanged} />
        </div>
      )}
    </Data>
  );
}

import type { Mirror } from '@helm-registry/client';
import { registry } from '../../api/registry.ts';
import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readNumber } from '../../parts/form/read-fields.ts';
import { Problem } from '../../parts/states.tsx';
import { useAction } from '../../parts/use-action.ts';
import { MirrorFields } from './mirror-fields.tsx';
import { readMirror, settingsToSend } from './read-mirror.ts';

/** Minutes between two runs that a mirror is proposed when it is resumed. */
const proposedMinutes = 60;

/** Buttons of a mirror: run now, edit, pause or resume, end. */
export function MirrorActions(props: { space: string; mirror: Mirror; onChanged: () => void }) {
  const { space, mirror, onChanged } = props;
  const { mirror: client } = registry.space(space);
  const run = useAction(async () => {
    await client.run();
    announce('A worker takes the run up.');
    onChanged();
  });
  const schedule = async (every: number | null) => {
    await client.set({ ...settingsToSend(mirror), every });
    onChanged();
  };
  return (
    <>
      <div class="row">
        <Button kind="primary" isBusy={run.isBusy} onClick={() => run.run(undefined)}>
          Run now
        </Button>
        <FormButton
          label="Edit"
          of="the mirror"
          title={`Mirror in ${space}`}
          action="Save and run"
          done="The mirror is saved, and a run begins."
          send={async (fields) => {
            await client.set(readMirror(fields, mirror));
            onChanged();
          }}
        >
          <MirrorFields mirror={mirror} />
        </FormButton>
        {mirror.every === null ? (
          <FormButton
            label="Resume"
            of="the mirror"
            title="Resume the schedule"
            action="Resume"
            done="The mirror runs by its schedule again."
            send={(fields) => schedule(readNumber(fields, 'every') ?? proposedMinutes)}
          >
            <TextField
              type="number"
              min={5}
              max={525_600}
              label="Minutes between two runs"
              name="every"
              required
              defaultValue={String(proposedMinutes)}
              hint="The first run begins at once."
            />
          </FormButton>
        ) : (
          <ConfirmButton
            label="Pause"
            of="the mirror"
            action="Pause"
            isHarmless
            done="The mirror is paused."
            act={() => schedule(null)}
          >
            <p>
              One more run begins now; after it the mirror runs on request only. Its charts stay, and nothing
              else can be stored here.
            </p>
          </ConfirmButton>
        )}
        <ConfirmButton
          label="End"
          of="the mirror"
          action="End the mirror"
          done="The space is no longer a mirror."
          act={async () => {
            await client.end();
            onChanged();
          }}
        >
          <p>
            Nothing more is copied. Its charts stay, and the space is an ordinary one. What came of each
            version is forgotten.
          </p>
        </ConfirmButton>
      </div>
      {run.problem ? <Problem problem={run.problem} /> : null}
    </>
  );
}

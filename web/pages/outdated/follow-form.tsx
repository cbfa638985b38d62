import type { FollowSettings } from '@helm-registry/client';
import { registry } from '../../api/registry.ts';
import { Button } from '../../parts/button.tsx';
import { Choice, TextField } from '../../parts/form/fields.tsx';
import { readNumber, readText } from '../../parts/form/read-fields.ts';
import { readKnownWord } from '../../parts/read-query.ts';
import { Problem } from '../../parts/states.tsx';
import { useAction } from '../../parts/use-action.ts';
import '../../parts/form/form.css';
import { nextVersionRules, nextVersionTexts, steps, stepTexts } from './follow-texts.ts';

/** Settings of a follow, to begin it or to change it. */
export function FollowForm({
  space,
  chart,
  settings,
  onDone,
}: {
  space: string;
  chart: string;
  settings: FollowSettings | undefined;
  onDone: () => void;
}) {
  const save = useAction(async (form: FormData) => {
    const wait = readText(form, 'wait');
    const keep = readNumber(form, 'keep');
    await registry
      .space(space)
      .chart(chart)
      .follow.set({
        on: readKnownWord(steps, readText(form, 'on')) ?? 'any',
        next: readKnownWord(nextVersionRules, readText(form, 'next')) ?? 'patch',
        prereleases: form.has('prereleases'),
        ...(wait && { wait }),
        ...(keep !== undefined && { keep }),
      });
    onDone();
  });
  return (
    <form
      class="follow-form"
      onSubmit={(event) => {
        event.preventDefault();
        save.run(new FormData(event.currentTarget));
      }}
    >
      <label class="field">
        Compose on
        <select class="select" name="on" value={settings?.on ?? 'any'}>
          {steps.map((step) => (
            <option key={step} value={step}>
              {stepTexts[step]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Next version
        <select class="select" name="next" value={settings?.next ?? 'patch'}>
          {nextVersionRules.map((next) => (
            <option key={next} value={next}>
              {nextVersionTexts[next]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Wait for more changes
        <input class="input" name="wait" size={6} defaultValue={settings?.wait ?? '10m'} placeholder="10m" />
      </label>
      <div class="follow-more">
        <TextField
          label="Versions to keep"
          name="keep"
          type="number"
          min={1}
          max={10_000}
          defaultValue={settings?.keep?.toString() ?? ''}
          hint="The older ones that the follow has made are deleted, for which you need the right to delete versions. Empty: all stay."
        />
        <Choice
          label="Pre-releases of sources count too"
          name="prereleases"
          value="true"
          isChosen={settings?.prereleases ?? false}
          hint="Where the range of the recipe allows them, such as ^1.0.0-0."
        />
      </div>
      <Button type="submit" isBusy={save.isBusy}>
        {settings ? 'Change' : 'Follow the sources'}
      </Button>
      {save.problem ? <Problem problem={save.problem} /> : null}
    </form>
  );
}

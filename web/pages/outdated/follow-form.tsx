import type { FollowSettings } from '@helm-registry/client';
import { registry } from '../../api/registry.ts';
import { Button } from '../../parts/button.tsx';
import { readWord } from '../../parts/read-query.ts';
import { Problem } from '../../parts/states.tsx';
import { useAction } from '../../parts/use-action.ts';
import { nexts, nextWords, steps, stepWords } from './follow-words.ts';

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
    const wait = String(form.get('wait') ?? '').trim();
    await registry
      .space(space)
      .chart(chart)
      .follow.set({
        ...settings,
        on: readWord(steps, String(form.get('on'))) ?? 'any',
        next: readWord(nexts, String(form.get('next'))) ?? 'patch',
        ...(wait && { wait }),
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
              {stepWords[step]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Next version
        <select class="select" name="next" value={settings?.next ?? 'patch'}>
          {nexts.map((next) => (
            <option key={next} value={next}>
              {nextWords[next]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Wait for more changes
        <input class="input" name="wait" size={6} defaultValue={settings?.wait ?? '10m'} placeholder="10m" />
      </label>
      <Button type="submit" isBusy={save.isBusy}>
        {settings ? 'Change' : 'Follow the sources'}
      </Button>
      {save.problem ? <Problem problem={save.problem} /> : null}
    </form>
  );
}

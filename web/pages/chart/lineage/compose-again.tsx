import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { RequestProblem } from '../../../api/problem.ts';
import { toProblem } from '../../../api/problem.ts';
import { registry } from '../../../api/registry.ts';
import { pathTo } from '../../../parts/address.ts';
import { Button } from '../../../parts/button.tsx';
import { Problem } from '../../../parts/states.tsx';
import type { TabProperties } from '../tab-properties.ts';

const steps = ['patch', 'minor', 'major'] as const;

type Step = (typeof steps)[number];

/** Button that composes the recipe again as the next version, and leads to its job. */
export function ComposeAgain({ details, isOutdated }: TabProperties & { isOutdated: boolean }) {
  const { route } = useLocation();
  const [step, setStep] = useState<Step>('patch');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<RequestProblem>();
  const { space, chart, version } = details;

  async function compose(): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    try {
      const job = await registry.space(space).chart(chart).version(version).recompose({ next: step });
      route(pathTo('jobs', job.id));
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void compose();
      }}
    >
      <Button type="submit" kind={isOutdated ? 'primary' : undefined} isBusy={isBusy}>
        Compose again
      </Button>
      <label class="row small muted">
        as the next
        <select
          class="select"
          value={step}
          onChange={({ currentTarget }) =>
            setStep(steps.find((name) => name === currentTarget.value) ?? 'patch')
          }
        >
          {steps.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        version
      </label>
      {problem ? <Problem problem={problem} /> : null}
    </form>
  );
}

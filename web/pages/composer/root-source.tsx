import type { FoundChart } from '@helm-registry/client';
import { Button } from '../../parts/button.tsx';
import { ChartPicker } from './chart-picker.tsx';
import type { Composer } from './composer-state.ts';
import { focusForm } from './focus-form.ts';

/** Choice of a chart that the new one is made from, and the way back. Without it, the new chart is an umbrella. */
export function RootSource({
  composer,
  onPick,
}: {
  composer: Composer;
  onPick: (chart: FoundChart) => void;
}) {
  const { root } = composer.draft.value;
  if (!root.package) return <ChartPicker label="Begin with a chart instead" onPick={onPick} />;
  const drop = () => {
    const { package: _, ...umbrella } = root;
    composer.changeRoot(umbrella);
    focusForm();
  };
  return (
    <div class="buttons">
      <Button size="small" onClick={drop}>
        Make it an umbrella
      </Button>
    </div>
  );
}

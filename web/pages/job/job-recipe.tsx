import { useSignal } from '@preact/signals';
import { recipeQuery } from '../../api/jobs.ts';
import { useData } from '../../api/use-data.ts';
import { Copyable } from '../../parts/copy-button.tsx';
import { Data } from '../../parts/states.tsx';

/** Recipe of a job, loaded when it is unfolded. */
export function JobRecipe({ id }: { id: string }) {
  const isOpen = useSignal(false);
  const recipe = useData(recipeQuery, isOpen.value ? id : undefined);
  return (
    <details
      class="fold"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>Recipe</summary>
      {isOpen.value ? (
        <Data data={recipe} lines={8}>
          {(value) => <Copyable text={JSON.stringify(value, null, 2)} label="recipe" />}
        </Data>
      ) : null}
    </details>
  );
}

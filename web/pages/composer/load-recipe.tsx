import { useState } from 'preact/hooks';
import { createQuery } from '../../api/query.ts';
import { useData } from '../../api/use-data.ts';
import { Data } from '../../parts/states.tsx';

// Few load a recipe: the code of it is loaded once the fold is opened.
const recipePickerQuery = createQuery(async (_: 'picker') => {
  const { RecipePicker } = await import('./recipe-picker.tsx');
  return { RecipePicker };
});

/** Fold with the choice of a composed version whose recipe is loaded. */
export function LoadRecipe() {
  const [isOpen, setOpen] = useState(false);
  const code = useData(recipePickerQuery, isOpen ? 'picker' : undefined);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Load the recipe of a composed chart</summary>
      {isOpen ? (
        <Data data={code} lines={3}>
          {({ RecipePicker }) => <RecipePicker />}
        </Data>
      ) : null}
    </details>
  );
}

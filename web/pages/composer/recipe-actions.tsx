import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import type { Composer } from './composer-state.ts';
import { LoadRecipe } from './load-recipe.tsx';

/** Actions on the whole recipe: undo, begin anew, show it as text, load another one. */
export function RecipeActions({
  composer,
  isText,
  onText,
}: {
  composer: Composer;
  /** Whether the recipe is shown as text. */
  isText: boolean;
  onText: (wanted: boolean) => void;
}) {
  return (
    <>
      <p class="hint composer-keys">
        In the tree: arrows, Enter to edit, Delete, Ctrl+Z to undo, Alt with arrows to move. Anywhere:
        Ctrl+Enter to compose.
      </p>
      <div class="buttons">
        <Button
          isIdle={!composer.canUndo.value}
          onClick={() => {
            composer.undo();
            announce('The last change is undone.');
          }}
        >
          Undo
        </Button>
        <Button
          onClick={() => {
            composer.clear(composer.draft.value.space);
            announce('The recipe is empty. Undo brings the old one back.');
          }}
        >
          Start over
        </Button>
        <Button aria-pressed={isText} onClick={() => onText(!isText)}>
          Recipe as text
        </Button>
      </div>
      <LoadRecipe />
    </>
  );
}

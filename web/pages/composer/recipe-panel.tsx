import { useState } from 'preact/hooks';
import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import type { Composer } from './composer-state.ts';
import { fromRecipe } from './draft-of-recipe.ts';
import type { DryRunState } from './dry-run.ts';
import { lineOfPointer } from './fault-place.ts';
import { type RecipeFormat, readRecipe, recipeFormats, writeCurl, writeRecipe } from './recipe-text.ts';

/** Recipe as text. The text follows the form, and the form follows it as soon as it can be read. */
export function RecipePanel({ composer, dry }: { composer: Composer; dry: DryRunState }) {
  const [format, setFormat] = useState<RecipeFormat>('yaml');
  const [typed, setTyped] = useState<string>();
  const [fault, setFault] = useState<string>();
  const { space } = composer.draft.value;
  const { recipe } = composer.recipe.value;
  const text = typed ?? writeRecipe(recipe, format);
  const show = (next: RecipeFormat) => {
    setFormat(next);
    setTyped(undefined);
    setFault(undefined);
  };

  const edit = (next: string) => {
    setTyped(next);
    try {
      composer.change(fromRecipe(readRecipe(next), space), 'text');
      composer.selected.value = composer.draft.value.root.id;
      setFault(undefined);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  const refusal = fault ?? describeRefusal(dry, text);
  return (
    <section class="recipe" aria-label="Recipe">
      <fieldset class="buttons" aria-label="Form of the recipe">
        {recipeFormats.map((name) => (
          <Button key={name} size="small" aria-pressed={format === name} onClick={() => show(name)}>
            {name.toUpperCase()}
          </Button>
        ))}
        <CopyButton text={text} label="the recipe" />
        <CopyButton text={writeCurl(recipe, space, location.origin)} label="as curl" caption="Copy as curl" />
        <a
          class="button"
          data-size="small"
          download={`recipe.${format}`}
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
        >
          Download
        </a>
      </fieldset>
      <label class="unseen" for="recipe-text">
        Text of the recipe
      </label>
      <textarea
        id="recipe-text"
        class="code"
        rows={24}
        spellcheck={false}
        value={text}
        aria-invalid={refusal !== undefined}
        aria-describedby="recipe-fault"
        onInput={({ currentTarget }) => edit(currentTarget.value)}
        onBlur={() => {
          if (fault === undefined) setTyped(undefined);
        }}
      />
      <p id="recipe-fault" class={refusal ? 'fault' : 'hint'}>
        {refusal ?? 'Edit here or in the form: each follows the other. Comments are not kept.'}
      </p>
    </section>
  );
}

/** Says why the registry refuses the recipe, with the line of its text. */
function describeRefusal({ problem }: DryRunState, text: string): string | undefined {
  const pointer = problem?.details.pointer;
  if (!problem || typeof pointer !== 'string') return undefined;
  return `Line ${lineOfPointer(text, pointer)}: ${problem.message}`;
}

import { useEffect, useState } from 'preact/hooks';
import type { Composer } from './composer-state.ts';
import { fromRecipe } from './draft-of-recipe.ts';
import { type RecipeFormat, readRecipe, recipeFormats, writeCurl, writeRecipe } from './recipe-text.ts';

/** Recipe as text: it follows the form, and the form follows it as soon as it can be read. */
export function RecipePanel({ composer }: { composer: Composer }) {
  const [format, setFormat] = useState<RecipeFormat>('yaml');
  const [typed, setTyped] = useState<string>();
  const [fault, setFault] = useState<string>();
  const { space } = composer.draft.value;
  const { recipe } = composer.recipe.value;
  const text = typed ?? writeRecipe(recipe, format);
  useEffect(() => {
    setTyped(undefined);
    setFault(undefined);
  }, [format]);

  const edit = (next: string) => {
    setTyped(next);
    try {
      composer.change(fromRecipe(readRecipe(next), space));
      composer.selected.value = composer.draft.value.root.id;
      setFault(undefined);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section class="recipe" aria-label="Recipe">
      <fieldset class="buttons" aria-label="Form of the recipe">
        {recipeFormats.map((name) => (
          <button key={name} type="button" aria-pressed={format === name} onClick={() => setFormat(name)}>
            {name.toUpperCase()}
          </button>
        ))}
        <CopyText text={text} label="Copy" />
        <CopyText text={writeCurl(recipe, space, location.origin)} label="Copy as curl" />
        <a
          class="button"
          download={`recipe.${format}`}
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
        >
          Download
        </a>
      </fieldset>
      <label class="hidden" for="recipe-text">
        Text of the recipe
      </label>
      <textarea
        id="recipe-text"
        class="code"
        rows={24}
        spellcheck={false}
        value={text}
        aria-invalid={fault !== undefined}
        aria-describedby="recipe-fault"
        onInput={({ currentTarget }) => edit(currentTarget.value)}
        onBlur={() => {
          if (fault === undefined) setTyped(undefined);
        }}
      />
      <p id="recipe-fault" class={fault ? 'fault' : 'hint'}>
        {fault ?? 'Edit here or in the form: each follows the other. Comments are not kept.'}
      </p>
    </section>
  );
}

function CopyText({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        setDone(true);
        setTimeout(() => setDone(false), 1500);
      }}
    >
      {done ? 'Copied' : label}
    </button>
  );
}

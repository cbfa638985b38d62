import type { Problem } from '@helm-registry/client';
import { recipeQuery } from '../../api/jobs.ts';
import { useData } from '../../api/use-data.ts';
import { findLineOfKey } from './recipe-place.ts';

/** Lines of the recipe that are shown before and after the one at fault. */
const contextLineCount = 3;

/** Error of a job, with its place in the recipe. That is shown as JSON, without numbers of lines where YAML was sent. */
export function JobFault({ id, error }: { id: string; error: Problem }) {
  const pointer = typeof error.details?.pointer === 'string' ? error.details.pointer : undefined;
  const recipe = useData(recipeQuery, pointer === undefined ? undefined : id);
  const text = recipe.value === undefined ? undefined : JSON.stringify(recipe.value, null, 2);
  const place = text === undefined || pointer === undefined ? undefined : findLineOfKey(text, pointer);
  const isYaml = error.details?.line !== undefined;
  const lines = text?.split('\n') ?? [];
  return (
    <div class="note" data-tone="danger" role="alert">
      <p>{error.message}</p>
      <p class="small muted">
        {error.code}
        {pointer === undefined ? null : (
          <>
            {' '}
            at <code>{pointer || 'the recipe'}</code>
          </>
        )}
      </p>
      {place === undefined ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
        <pre class="excerpt" dir="ltr" tabIndex={0}>
          {lines
            .slice(Math.max(0, place - contextLineCount), place + contextLineCount + 1)
            .map((line, at) => {
              const number = Math.max(0, place - contextLineCount) + at;
              return (
                <span key={number} class={number === place ? 'excerpt-line fault' : 'excerpt-line'}>
                  {isYaml ? null : (
                    <span class="line-number" aria-hidden="true">
                      {number + 1}
                    </span>
                  )}
                  {line}
                </span>
              );
            })}
        </pre>
      )}
    </div>
  );
}

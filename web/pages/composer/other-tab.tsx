import { Button } from '../../parts/button.tsx';
import type { Composer } from './composer-state.ts';
import { focusNode } from './focus-form.ts';

/** Choice between two drafts, once another tab of the browser has changed the kept one. */
export function OtherTab({ composer }: { composer: Composer }) {
  if (!composer.hasOther.value) return null;
  const choose = (act: () => void) => {
    act();
    focusNode(composer.node.value.id);
  };
  return (
    <div class="note" data-tone="warn" role="alert">
      <p>
        Another tab of this browser has changed the recipe. What you change here is lost with this tab, unless
        you keep it in the place of the other one.
      </p>
      <div class="buttons">
        <Button size="small" onClick={() => choose(composer.takeOther)}>
          Show the other one
        </Button>
        <Button size="small" onClick={() => choose(composer.keepThis)}>
          Keep this one
        </Button>
      </div>
    </div>
  );
}

import type { VersionRef } from '@helm-registry/client';
import { useEffect, useRef } from 'preact/hooks';
import { registry } from '../../api/registry.ts';
import { pathTo } from '../../parts/address.ts';
import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import { Problem } from '../../parts/states.tsx';
import { useAction } from '../../parts/use-action.ts';
import { clearLastDeletion, lastDeletion } from './last-deletion.ts';

/** Deletions whose note has had the focus: it moves there once. */
const focusedDeletions = new WeakSet<VersionRef>();

/** Offer to restore the version that the page has deleted last in a space. The focus moves to it. */
export function UndoDeletion({ space, onDone }: { space: string; onDone?: () => void }) {
  const deleted = lastDeletion.value;
  if (deleted?.space !== space) return null;
  const { chart, version } = deleted;
  // Another deletion has no problem yet.
  return <UndoOffer key={`${chart} ${version}`} deleted={deleted} onDone={onDone} />;
}

function UndoOffer({ deleted, onDone }: { deleted: VersionRef; onDone: (() => void) | undefined }) {
  const note = useRef<HTMLElement>(null);
  const restore = useAction(async () => {
    await registry.space(deleted.space).chart(deleted.chart).version(deleted.version).restore();
    clearLastDeletion();
    announce(`${deleted.chart} ${deleted.version} is there again.`);
    onDone?.();
  });
  useEffect(() => {
    if (!note.current || focusedDeletions.has(deleted)) return;
    focusedDeletions.add(deleted);
    note.current.focus();
  }, [deleted]);
  const name = `${deleted.chart} ${deleted.version}`;
  return (
    <section ref={note} class="note" data-tone="good" aria-label="Last deletion" tabIndex={-1}>
      <p>
        <bdi>{name}</bdi> is deleted.
      </p>
      <p class="row">
        <Button
          size="small"
          aria-label={`Undo the deletion of ${name}`}
          isBusy={restore.isBusy}
          onClick={() => restore.run(undefined)}
        >
          Undo
        </Button>
        <a href={`${pathTo('spaces', deleted.space, 'settings')}?tab=deleted`}>All deleted versions</a>
        <Button
          kind="quiet"
          size="small"
          aria-label="Close the note"
          onClick={() => {
            lastDeletion.value = undefined;
          }}
        >
          ✕
        </Button>
      </p>
      {restore.problem ? <Problem problem={restore.problem} /> : null}
    </section>
  );
}

import type { VersionRef } from '@helm-registry/client';
import { spaceQuery, whoAmIQuery } from '../../api/lists.ts';
import { registry } from '../../api/registry.ts';
import { rightsInSpace } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { lastDeletion } from './last-deletion.ts';

/** Whether the reader may be offered to delete versions of a space. Not where they stay, or come from elsewhere. */
export function useMayDelete(space: string): boolean {
  const { value: me } = useData(whoAmIQuery, 'me');
  const { maintains } = rightsInSpace(me, space);
  const { value: settings } = useData(spaceQuery, maintains ? space : undefined);
  return maintains && settings?.overwriting === 'mutable' && !settings.mirror;
}

/**
 * Button that deletes a version, after a question.
 * @param onDone has lists loaded anew, or leads on where the version was that of the page
 */
export function DeleteVersion({ of, onDone }: { of: VersionRef; onDone: () => void | Promise<void> }) {
  const { space, chart, version } = of;
  return (
    <ConfirmButton
      size="small"
      label="Delete"
      of={`${chart} ${version}`}
      action="Delete the version"
      done={`${chart} ${version} is deleted. It can be restored.`}
      act={async () => {
        await registry.space(space).chart(chart).version(version).delete();
        lastDeletion.value = of;
        await onDone();
      }}
    >
      <p>It is deleted for everybody. For a while it can be restored as it is.</p>
    </ConfirmButton>
  );
}

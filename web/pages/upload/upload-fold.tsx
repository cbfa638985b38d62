import { useSignal } from '@preact/signals';
import { usePageActions } from '../../parts/page-actions.ts';
import { UploadPanel } from './upload-panel.tsx';
import { listUploads } from './upload-rows.tsx';

/** Upload panel behind a line that opens it, which the palette does too. */
export function UploadFold({
  space,
  proposed,
  onDone,
}: {
  /** Space to upload to; the reader names it where there is none. */
  space?: string;
  /** Name of a space that the reader may change. */
  proposed?: string | undefined;
  onDone: () => void;
}) {
  // Open for who comes back to files that are not there yet.
  const isOpen = useSignal(listUploads(space).some(({ state }) => state !== 'done'));
  const label = space === undefined ? 'Upload charts' : `Upload charts to ${space}`;
  usePageActions(
    [
      {
        label,
        run: () => {
          isOpen.value = true;
        },
      },
    ],
    label,
  );
  return (
    <details
      class="fold"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>Upload charts</summary>
      <UploadPanel
        {...(space === undefined ? {} : { space })}
        {...(proposed === undefined ? {} : { proposed })}
        onDone={onDone}
      />
    </details>
  );
}

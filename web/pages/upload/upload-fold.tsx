import { useSignal } from '@preact/signals';
import { usePageActions } from '../../parts/page-actions.ts';
import { UploadPanel } from './upload-panel.tsx';
import { listUploads } from './upload-rows.tsx';

/** Upload panel behind a line that opens it, which the palette does too. Files that are listed keep it in sight. */
export function UploadFold({
  space,
  isOffered,
  proposed,
  onDone,
}: {
  /** Space to upload to; the reader names it where there is none. */
  space?: string;
  /** Whether the reader may upload there, as far as the page knows. */
  isOffered: boolean;
  /** Name of a space that the reader may change. */
  proposed?: string | undefined;
  onDone: () => void;
}) {
  // Open for a reader who comes back to files that are not uploaded yet.
  const rows = listUploads(space);
  const isOpen = useSignal(rows.some(({ state }) => state !== 'done'));
  const isShown = isOffered || rows.length > 0;
  const label = space === undefined ? 'Upload charts' : `Upload charts to ${space}`;
  const open = () => {
    isOpen.value = true;
  };
  usePageActions(isShown ? [{ label, run: open }] : [], `${label} ${isShown}`);
  if (!isShown) return null;
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

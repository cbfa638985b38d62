import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { UploadRows } from './upload-rows.tsx';
import { createUploads } from './uploads.ts';
import { useDropGuard } from './use-drop-guard.ts';
import './upload.css';

/**
 * Place to drop archives, or to choose them. Any number may come at a time; each has a row.
 * @param space the space to upload to; the reader names it where there is none
 * @param proposed name that the reader may change
 */
export function UploadPanel({
  space,
  proposed = 'charts',
  onDone,
}: {
  space?: string;
  proposed?: string;
  onDone?: () => void;
}) {
  const target = useSignal(space ?? proposed);
  const isOver = useSignal(false);
  const chooser = useRef<HTMLInputElement>(null);
  const uploads = useMemo(
    () =>
      createUploads(() => {
        const failed = uploads.rows.value.filter(({ state }) => state === 'failed').length;
        announce(failed === 0 ? 'All files are uploaded.' : `${failed} files were refused.`);
        onDone?.();
      }),
    [],
  );
  useDropGuard();
  const add = (files: FileList | null | undefined) => {
    isOver.value = false;
    if (files && files.length > 0) uploads.add(target.value.trim(), [...files]);
  };
  return (
    <div class="stack">
      <section
        class="drop"
        aria-label="Upload charts"
        data-over={isOver.value ? 'true' : undefined}
        onDragOver={(event) => {
          event.preventDefault();
          isOver.value = true;
        }}
        onDragLeave={() => {
          isOver.value = false;
        }}
        onDrop={(event) => {
          event.preventDefault();
          add(event.dataTransfer?.files);
        }}
      >
        <Icon name="upload" />
        <p>
          <strong>Drop chart archives here</strong>
          <br />
          <span class="muted small">.tgz files as “helm package” makes them, any number at a time</span>
        </p>
        <div class="row">
          {space === undefined ? (
            <label class="row small">
              to the space{' '}
              <input
                class="input"
                value={target.value}
                size={12}
                required
                spellcheck={false}
                autocomplete="off"
                onInput={({ currentTarget }) => {
                  target.value = currentTarget.value;
                }}
              />
            </label>
          ) : null}
          <Button kind="primary" onClick={() => chooser.current?.click()}>
            Choose files
          </Button>
        </div>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          accept=".tgz,.tar.gz,application/gzip"
          aria-label="Chart archives"
          onChange={({ currentTarget }) => {
            add(currentTarget.files);
            currentTarget.value = '';
          }}
        />
      </section>
      <UploadRows uploads={uploads} />
    </div>
  );
}

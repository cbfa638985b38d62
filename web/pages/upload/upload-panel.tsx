import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { pageUploads } from './page-uploads.ts';
import { UploadRows } from './upload-rows.tsx';
import { useDropGuard } from './use-drop-guard.ts';
import './upload.css';

/**
 * Place to drop archives, or to choose them. Any number may come at a time; each has a row, which stays while other
 * parts of the page are shown.
 * @param space the space to upload to; the reader names it where there is none
 * @param proposed name that the reader may change
 * @param onName gets the name as the reader changes it
 */
export function UploadPanel({
  space,
  proposed = 'charts',
  onName,
  onDone,
}: {
  space?: string;
  proposed?: string;
  onName?: (name: string) => void;
  onDone?: () => void;
}) {
  const target = useSignal(space ?? proposed);
  const isOver = useSignal(false);
  const chooser = useRef<HTMLInputElement>(null);
  const place = useRef<HTMLElement>(null);
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    const before = pageUploads.ended.peek();
    return pageUploads.ended.subscribe((batch) => {
      if (batch !== before) done.current?.();
    });
  }, []);
  useDropGuard();
  const add = (files: FileList | null | undefined) => {
    isOver.value = false;
    if (files && files.length > 0) pageUploads.add(target.value.trim(), [...files]);
  };
  return (
    <div class="stack">
      <section
        ref={place}
        tabIndex={-1}
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
                  onName?.(currentTarget.value.trim());
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
      <UploadRows space={space} onCleared={() => place.current?.focus()} />
    </div>
  );
}

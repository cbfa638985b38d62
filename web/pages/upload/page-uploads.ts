import { effect } from '@preact/signals';
import { announce } from '../../parts/announce.tsx';
import { sendArchive } from './send-archive.ts';
import { createUploads } from './uploads.ts';

/** Uploads of the page. They go on, and are listed, whichever part of the page is shown meanwhile. */
export const pageUploads = createUploads(sendArchive);

effect(() => {
  if (pageUploads.ends.value === 0) return;
  const failed = pageUploads.rows.peek().filter(({ state }) => state === 'failed').length;
  announce(failed === 0 ? 'All files are uploaded.' : `${failed} files were refused.`);
});

// Leaving the page altogether ends what is on its way: the browser asks first.
effect(() => {
  if (pageUploads.isBusy.value) addEventListener('beforeunload', askBeforeLeaving);
  else removeEventListener('beforeunload', askBeforeLeaving);
});

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

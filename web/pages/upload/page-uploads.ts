import { effect } from '@preact/signals';
import { announce } from '../../parts/announce.tsx';
import { describeUploads } from './describe-uploads.ts';
import { sendArchive } from './send-archive.ts';
import { createUploads } from './uploads.ts';

/** Uploads of the page. They go on, and are listed, whichever part of the page is shown meanwhile. */
export const pageUploads = createUploads(sendArchive);

effect(() => {
  const batch = pageUploads.ended.value;
  if (batch.length > 0) announce(describeUploads(batch));
});

// Leaving the page altogether loses the files that are listed and not uploaded: the browser asks first.
effect(() => {
  if (pageUploads.holdsFiles.value) addEventListener('beforeunload', askBeforeLeaving);
  else removeEventListener('beforeunload', askBeforeLeaving);
});

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
  // Older browsers ask for this alone.
  event.returnValue = true;
}

/**
 * Test files that have a process of their own; the others share two, with the modules that are loaded there. A file
 * belongs here when it changes or measures its process: clocks, globals, memory, threads.
 */
export const aloneFiles = [
  // Replace clocks, globals or functions of modules with `vi`.
  'core/audit/queue.test.ts',
  'core/jobs/composition-slots.test.ts',
  'core/runtime/batch-lines.test.ts',
  'core/runtime/log.test.ts',
  'core/webhooks/send.test.ts',
  'test/access/matrix.test.ts',
  'test/held-loop.test.ts',
  'test/job-streams.test.ts',
  'test/jobs-kept.test.ts',
  'test/oci-garbage.test.ts',
  'test/pulls.test.ts',
  'test/push-statements.test.ts',
  'web/pages/composer/start-keeping-draft.test.ts',
  'worker/orchestrate.test.ts',
  // Measure memory, collect garbage, or count turns of the event loop.
  'core/runtime/deadline.test.ts',
  'test/compare-bounds.test.ts',
  'test/deadlines.test.ts',
  'test/interface/bad-input.test.ts',
  'test/mirror/mirror-faults.test.ts',
  'test/opened-archives.test.ts',
  // Have threads that do not end.
  'core/runtime/threads/thread.test.ts',
  // Compares bytes that V8 writes, which writes numbers otherwise once code has run often.
  'core/sources/source-form.test.ts',
  // Registers a tracer, of which a process has one.
  'test/traces.test.ts',
];

/** Work that is repeated until it is stopped. */
export interface Repetition {
  /** Aborts the work and resolves once it has ended. */
  stop(): Promise<void>;
}

/**
 * Runs work now, and again after an interval from its end, until stopped.
 * Two runs never overlap.
 * @param work must not throw; its signal is aborted when the repetition stops
 */
export function startRepeating(work: (signal: AbortSignal) => Promise<void>, intervalMs: number): Repetition {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    await work(signal);
    if (!signal.aborted) timer = setTimeout(() => (running = run()), intervalMs);
  }

  let running = run();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

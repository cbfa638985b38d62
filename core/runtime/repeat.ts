/** Work that is repeated until it is stopped. */
export interface Repetition {
  /** Aborts the work and resolves once it has ended. */
  stop(): Promise<void>;
}

/**
 * Runs work now, and again after an interval from its end, until stopped.
 * Two runs never overlap. One that fails is reported, and followed by the next like any other.
 * @param work gets a signal that is aborted when the repetition stops
 * @param onError must not throw
 */
export function startRepeating(
  work: (signal: AbortSignal) => Promise<void>,
  intervalMs: number,
  onError: (error: unknown) => void,
): Repetition {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    await work(signal).catch(onError);
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

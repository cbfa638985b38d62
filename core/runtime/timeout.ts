/**
 * Awaits a promise for a limited time, else returns `late`. The work behind the promise goes on.
 * @param timeoutMs milliseconds
 * @param late result after the timeout
 * @throws the rejection of the promise before the timeout
 */
export async function withTimeout<T, Late>(
  work: Promise<T>,
  timeoutMs: number,
  late: Late,
): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<Late>((resolve) => {
    timer = setTimeout(() => resolve(late), timeoutMs);
  });
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

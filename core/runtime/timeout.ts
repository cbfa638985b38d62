/**
 * What a promise gives, or something else when that takes too long; the work behind it goes on all the same.
 * @param limit milliseconds
 * @param late given in its place after that
 * @throws what the promise is rejected with in time
 */
export async function inTime<T, Late>(work: Promise<T>, limit: number, late: Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Late>((resolve) => {
    timer = setTimeout(() => resolve(late), limit);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

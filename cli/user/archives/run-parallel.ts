/**
 * Runs a task for each item, at most so many at a time. Results have the order of the items. A task that throws lets
 * those that run come to their end, and no further one begin.
 */
export async function runParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const entries = items.entries();
  const take = async () => {
    for (const [index, item] of entries) {
      try {
        results[index] = await task(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, take));
  if (failures.length > 0) throw failures[0];
  return results;
}

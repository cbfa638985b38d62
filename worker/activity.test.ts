import { expect, it } from 'vitest';
import { createActivity } from './activity.ts';

/** Makes work that ends when it is told to. */
function createWork() {
  let end: (error?: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return { run: () => promise, end: (error?: Error) => end(error) };
}

it('waits for what has begun before, failed or not, and not for what begins later', async () => {
  const activity = createActivity();
  const [failing, outlasting, later] = [createWork(), createWork(), createWork()];
  const failed = activity.during(failing.run);
  void activity.during(outlasting.run);
  let isOver = false;
  const ended = activity.ended().then(() => {
    isOver = true;
  });
  const begunLater = activity.during(later.run);
  failing.end(new Error('broken'));
  await expect(failed).rejects.toThrow('broken');
  expect(isOver).toBe(false);
  outlasting.end();
  await ended;
  later.end();
  await begunLater;
});

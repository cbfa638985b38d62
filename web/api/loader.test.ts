import { expect, it } from 'vitest';
import { createLoader } from './loader.ts';
import { createQuery } from './query.ts';

/** Creates a loader whose answers the test gives, in any order. */
function createHeldLoader() {
  const answers: ((text: string) => void)[] = [];
  const query = createQuery((_: string) => new Promise<string>((resolve) => answers.push(resolve)));
  const loader = createLoader(query);
  loader.start('a', 'a');
  const answer = async (at: number, text: string) => {
    answers[at]?.(text);
    await new Promise((resolve) => setTimeout(resolve));
    const { value, isLoading } = loader.state.value;
    return { value, isLoading };
  };
  return { query, loader, answer };
}

it('keeps the answer of a later load when that of an earlier one comes after it', async () => {
  const { query, loader, answer } = createHeldLoader();
  loader.reload();
  expect(await answer(1, 'new')).toEqual({ value: 'new', isLoading: false });
  expect(await answer(0, 'old')).toEqual({ value: 'new', isLoading: false });
  expect(query.recall('a')).toBe('new');
});

it('shows an answer at once, and loads until the last is there', async () => {
  const { loader, answer } = createHeldLoader();
  loader.reload();
  expect(await answer(0, 'old')).toEqual({ value: 'old', isLoading: true });
  expect(await answer(1, 'new')).toEqual({ value: 'new', isLoading: false });
});

it('takes nothing from a load of an input before', async () => {
  const { loader, answer } = createHeldLoader();
  loader.start('b', 'b');
  expect(await answer(0, 'old')).toMatchObject({ value: undefined });
  expect(await answer(1, 'new')).toEqual({ value: 'new', isLoading: false });
});

it('takes a load that was started ahead, once, and asks again when it is loaded anew', async () => {
  const { query, loader, answer } = createHeldLoader();
  const key = query.keyOf('b');
  void query.loadAhead('b');
  loader.start(key, 'b');
  expect(await answer(1, 'ahead')).toEqual({ value: 'ahead', isLoading: false });
  loader.reload();
  expect(await answer(2, 'new')).toEqual({ value: 'new', isLoading: false });
  loader.start(key, 'b');
  expect(await answer(3, 'newest')).toEqual({ value: 'newest', isLoading: false });
});

it('shows nothing of an input before beside a problem', async () => {
  const query = createQuery((input: string) =>
    input === 'bad' ? Promise.reject(new Error('not now')) : Promise.resolve(input),
  );
  const loader = createLoader(query);
  loader.start('good', 'good');
  await expect.poll(() => loader.state.value.value).toBe('good');
  loader.start('bad', 'bad');
  await expect.poll(() => loader.state.value.problem).toBeDefined();
  expect(loader.state.value).toMatchObject({ key: 'bad', value: undefined, isLoading: false });
});

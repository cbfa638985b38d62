import { expect, it } from 'vitest';
import { limitWarnings, type Warning } from './warning.ts';

const warning = (code: Warning['code'], message: string): Warning => ({ code, pointer: '/configs', message });

it('limitWarnings puts the gravest warnings first, each once', () => {
  const old = warning('source.deprecated', 'old');
  const lost = warning('dependency.missing', 'lost');
  expect(limitWarnings([old, lost, { ...old }])).toEqual([lost, old]);
});

it('limitWarnings counts the warnings that it omits, and cuts long messages', () => {
  const many = Array.from({ length: 60 }, (_, index) =>
    warning('values.dropped', `${index} ${'x'.repeat(5_000)}`),
  );
  const limited = limitWarnings(many);
  expect(limited).toHaveLength(50);
  expect(limited.at(-1)).toMatchObject({
    code: 'warnings.omitted',
    message: expect.stringContaining('11 more'),
  });
  const again = limitWarnings([...limited, warning('comments.lost', 'lost')]);
  expect(again).toHaveLength(50);
  expect(again.at(-1)?.message).toContain('12 more');
  expect(JSON.stringify(limited).length).toBeLessThan(60_000);
});

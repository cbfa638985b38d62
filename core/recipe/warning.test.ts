import { expect, it } from 'vitest';
import { joinFirstNames, limitWarnings, type Warning } from './warning.ts';

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

it('limitWarnings bounds every text of a warning, and the list of templates', () => {
  const long = 'x'.repeat(1_000_000);
  const [limited] = limitWarnings([
    {
      code: 'template.shadowed',
      pointer: `/configs/_config/${long}/a`,
      message: long,
      file: long,
      line: 1,
      value: long,
      templates: Array.from({ length: 100 }, () => long),
    },
  ]);
  expect(limited).toMatchObject({
    pointer: '/configs/_config',
    line: 1,
    value: expect.stringMatching(/^x+…$/),
  });
  expect(limited?.templates).toHaveLength(20);
  expect(JSON.stringify(limited).length).toBeLessThan(10_000);
  expect(joinFirstNames([long, long]).length).toBeLessThan(1_000);
});

it('limitWarnings leaves a warning with short texts as it is', () => {
  const short = { ...warning('values.dropped', 'm'), file: 'f', line: 2, value: 'a.b', templates: ['t'] };
  expect(limitWarnings([short])).toEqual([short]);
});

it('limitWarnings replaces characters that PostgreSQL cannot store in every text', () => {
  const odd = 'a\0b\uD83D';
  const [limited] = limitWarnings([
    { code: 'values.dropped', pointer: `/${odd}`, message: odd, file: odd, value: odd, templates: [odd] },
  ]);
  const shown = 'a\uFFFDb\uFFFD';
  expect(limited).toEqual({
    ...{ code: 'values.dropped', pointer: `/${shown}`, message: shown },
    ...{ file: shown, value: shown, templates: [shown] },
  });
});

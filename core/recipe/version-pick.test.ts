import { describe, expect, it } from 'vitest';
import { parsePick, pickHighest } from './version-pick.ts';

function pick(text: string, versions: string[]): string | undefined {
  const parsed = parsePick(text);
  return (
    parsed &&
    pickHighest(
      parsed,
      versions.map((version) => ({ version })),
    )?.version
  );
}

describe('pickHighest', () => {
  const versions = ['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1', '0.1.0'];

  it.each([
    ['latest', '2.0.0-rc.1'],
    ['*', '1.10.0'],
    ['^1', '1.10.0'],
    ['~1.9', '1.9.0'],
    ['<1', '0.1.0'],
    ['>=1-0', '2.0.0-rc.1'],
    ['^3', undefined],
  ])('pickHighest picks for %s the version %s', (text, expected) =>
    expect(pick(text, versions)).toBe(expected),
  );

  it('pickHighest picks the last by bytes if only build metadata differs, as the list of versions does', () => {
    expect(pick('latest', ['1.0.0+b', '1.0.0+a', '1.0.0'])).toBe('1.0.0+b');
  });
});

import { describe, expect, it } from 'vitest';
import { chartNameOf, checkTag, parseRepository, tagOfVersion, versionOfTag } from './names.ts';

describe('names of repositories', () => {
  it.each([
    ['lib/web', 'lib', 'web', 'web'],
    ['lib/team/web', 'lib', 'team/web', undefined],
    ['a-b_c/x.y__z', 'a-b_c', 'x.y__z', 'x.y__z'],
  ])('the repository %s is of space %s and has the name %s', (full, space, name, chart) => {
    const repository = parseRepository(full);
    expect(repository).toEqual({ full, space, name });
    expect(chartNameOf(repository)).toBe(chart);
  });

  it.each(['web', 'lib/', '/web', 'Lib/web', 'lib/web/', 'lib/we b', 'l.b/web', 'lib/.web', 'lib/a___b'])(
    'parseRepository refuses %s',
    (full) => {
      expect(() => parseRepository(full)).toThrow('is not a repository');
    },
  );
});

describe('names of tags', () => {
  it.each(['1.2.3', 'v1.2.3-rc.1', '1.2.3+build.5', '1.2'])(
    'the tag of version %s stands for that version',
    (version) => {
      expect(versionOfTag(tagOfVersion(version))).toBe(version);
    },
  );

  it.each(['latest', 'sha256-abc.sig', '1.2.3_a_b', ''])('the tag %s stands for no version', (tag) => {
    expect(versionOfTag(tag)).toBeUndefined();
  });

  it.each(['', '.a', '-a', 'a b', 'a'.repeat(129), 'ä'])('checkTag refuses %s', (tag) => {
    expect(() => checkTag(tag)).toThrow('is not a tag');
  });
});

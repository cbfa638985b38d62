import { describe, expect, it } from 'vitest';
import { allowsVersion, isCountedStep } from './steps.ts';

const counts = (on: 'patch' | 'minor' | 'any', from: string, to: string, prereleases = false) =>
  isCountedStep({ on, prereleases }, from, to);

describe('steps that a follow counts', () => {
  it.each([
    ['1.2.3', '1.2.4', 'patch'],
    ['1.2.3', '1.2.3+build.2', 'patch'],
    ['1.2.3', '1.3.0', 'minor'],
    ['1.2.3', '2.0.0', 'any'],
    ['0.9.0', '1.0.0', 'any'],
  ] as const)('from %s to %s is a step for "%s" and all wider settings', (from, to, narrowest) => {
    const settings = ['patch', 'minor', 'any'] as const;
    const wide = settings.slice(settings.indexOf(narrowest));
    expect(settings.filter((on) => counts(on, from, to))).toEqual(wide);
  });

  it.each([
    ['the same version', '1.2.3', '1.2.3'],
    ['a lower version, since the former one was deleted', '1.2.3', '1.2.2'],
    ['lower build metadata', '1.2.3+b', '1.2.3+a'],
    ['the pre-release of the version that is there', '1.2.3', '1.2.3-rc.1'],
    ['text that is no version', '1.2.3', 'latest'],
    ['what follows text that is no version', 'latest', '1.2.3'],
  ])('%s is no step', (_, from, to) => {
    expect(counts('any', from, to, true)).toBe(false);
  });

  it('a pre-release is a step only where pre-releases are followed, its release always', () => {
    expect(counts('any', '1.2.3', '1.3.0-rc.1')).toBe(false);
    expect(counts('any', '1.2.3', '1.3.0-rc.1', true)).toBe(true);
    expect(counts('patch', '1.3.0-rc.1', '1.3.0')).toBe(true);
  });
});

describe('versions that the request of a recipe allows', () => {
  it.each([
    ['1.2.3', '1.2.3', true],
    ['^1.2.0', '1.9.0', true],
    ['^1.2.0', '2.0.0', false],
    ['~1.2', '1.2.9', true],
    ['latest', '7.0.0', true],
    ['^1.2.0', '1.3.0-rc.1', false],
    ['^1.2.0-0', '1.3.0-rc.1', true],
  ])('%s and %s: %s', (requested, version, allowed) => {
    expect(allowsVersion(requested, version)).toBe(allowed);
  });
});

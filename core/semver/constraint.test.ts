import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOfConstraint } from './bounds.ts';
import { isInRange, parseConstraint, satisfies } from './constraint.ts';
import { parseVersion, sortKey } from './version.ts';

// Expected results are those of Masterminds semver 3.5, which Helm uses.
describe('a constraint', () => {
  it.each([
    ['^1.2.3', ['1.2.3', '1.9.0', 'v1.3'], ['1.2.2', '2.0.0', '1.3.0-rc.1', '2.0.0-0']],
    ['^0.2.3', ['0.2.3', '0.2.9'], ['0.3.0', '1.0.0']],
    ['^0.0.3', ['0.0.3'], ['0.0.4', '0.1.0']],
    ['^0.0', ['0.0.0', '0.0.7'], ['0.1.0']],
    ['^0', ['0.0.0', '0.9.1'], ['1.0.0']],
    ['^1', ['1.0.0', '1.7.1'], ['0.9.0', '2.0.0']],
    ['~1.2.3', ['1.2.3', '1.2.9'], ['1.3.0', '1.2.2']],
    ['~1.2', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['~1', ['1.0.0', '1.9.9'], ['2.0.0']],
    ['~>1.2.3', ['1.2.4'], ['1.3.0']],
    ['~0.0.0', ['0.0.0', '7.1.0'], ['7.1.0-a']],
    ['1.2.x', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['1.X', ['1.0.0', '1.9.9'], ['2.0.0']],
    ['*', ['0.0.0', '99.1.2'], ['1.0.0-rc.1']],
    ['>=1.0 <2', ['1.0.0', '1.9.9'], ['0.9.9', '2.0.0', '2.0.0-a']],
    ['>= 1.0, < 2', ['1.0.0', '1.9.9'], ['2.0.0']],
    ['=> 1.0,=< 2', ['1.0.0', '2.9.9'], ['3.0.0']],
    ['1.2 - 2.3.4', ['1.2.0', '2.3.4'], ['1.1.9', '2.3.5']],
    ['1.2 - 2.3', ['2.3.9'], ['2.4.0']],
    ['>1.2', ['1.3.0', '2.0.0'], ['1.2.9']],
    ['>1', ['2.0.0'], ['1.9.9']],
    ['<=1', ['1.9.9', '0.1.0'], ['2.0.0']],
    ['<=1.2', ['1.2.9'], ['1.3.0']],
    ['!=1.2.x', ['1.3.0', '2.2.0'], ['1.2.0', '1.2.7']],
    ['!=1', ['2.0.0'], ['1.7.0']],
    ['1.2.3', ['1.2.3', '1.2.3+build', 'v1.2.3'], ['1.2.4', '1.2.3-rc.1']],
    ['^1 || ^3', ['1.5.0', '3.0.1'], ['2.0.0', '4.0.0']],
    ['>=1.2.3-rc.1', ['1.2.3-rc.1', '1.2.3-rc.2', '1.2.3', '2.0.0-a'], ['1.2.3-alpha']],
    ['^1.2.3-0', ['1.2.3-a', '1.4.0-b', '1.9.0'], ['2.0.0-a']],
    ['>=1-0 <2', ['1.5.0-rc.1'], ['2.1.0-rc.1']],
    ['^*', ['0.0.0'], ['0.0.1', '1.0.0']],
  ])('the constraint %s accepts %j and refuses %j', (range, accepted, refused) => {
    for (const version of accepted) expect(isInRange(range, version), version).toBe(true);
    for (const version of refused) expect(isInRange(range, version), version).toBe(false);
  });

  it.each([
    '',
    ' ',
    'latest',
    '>',
    '> = 1',
    '==1',
    '1 ||',
    '1.2.3.4',
    '1,',
    '^1^2',
    'a.b',
    '1|2',
    '^1.2.3-01',
    '1 || '.repeat(40),
  ])('refuses %j as a constraint', (text) => {
    expect(parseConstraint(text)).toBeUndefined();
  });

  it('refuses a constraint over 512 bytes or 32 alternatives', () => {
    expect(parseConstraint(`1${' '.repeat(511)}`)).toBeDefined();
    expect(parseConstraint(`1${' '.repeat(512)}`)).toBeUndefined();
    expect(parseConstraint(Array(32).fill('1').join('||'))).toBeDefined();
    expect(parseConstraint(Array(33).fill('1').join('||'))).toBeUndefined();
  });

  it('refuses an invalid constraint with many spaces within a second of processor time', () => {
    const before = process.cpuUsage();
    expect(parseConstraint(`${'1   '.repeat(120)}!`)).toBeUndefined();
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});

const number = fc.constantFrom('0', '1', '2', '3', '10');
const prerelease = fc.constantFrom('', '', '-0', '-alpha', '-alpha.1', '-rc.2', '+b');
const versions = fc
  .tuple(number, number, number, prerelease)
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`);
const operators = fc.constantFrom('', '=', '!=', '>', '<', '>=', '<=', '~', '^');
const wilds = fc
  .tuple(number, fc.constantFrom('', '.x', '.1', '.2.x'))
  .map(([major, rest]) => `${major}${rest}`);
const comparators = fc
  .tuple(operators, fc.oneof(versions, wilds))
  .map(([operator, version]) => operator + version);
const ranges = fc
  .array(fc.array(comparators, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .map((groups) => groups.map((group) => group.join(' ')).join(' || '));

describe('all constraints', () => {
  it('every version that meets a constraint is within its bounds', () => {
    fc.assert(
      fc.property(ranges, versions, (range, text) => {
        const constraint = parseConstraint(range);
        const version = parseVersion(text);
        if (!constraint || !version) throw new Error(`${range} ${text}`);
        if (!satisfies(version, constraint)) return;
        const { from, to } = boundsOfConstraint(constraint);
        const key = sortKey(version);
        expect(from === undefined || from <= key).toBe(true);
        expect(to === undefined || key <= to).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a version meets a constraint with || exactly if it meets an alternative', () => {
    fc.assert(
      fc.property(ranges, ranges, versions, (a, b, version) => {
        expect(isInRange(`${a} || ${b}`, version)).toBe(isInRange(a, version) || isInRange(b, version));
      }),
      { numRuns: 2_000 },
    );
  });

  it('the operators ^ and ~ equal the ranges that they abbreviate', () => {
    fc.assert(
      fc.property(number, number, number, versions, (major, minor, patch, version) => {
        fc.pre(major !== '0');
        const given = `${major}.${minor}.${patch}`;
        const next = `${Number(major) + 1}.0.0`;
        expect(isInRange(`^${given}`, version)).toBe(isInRange(`>=${given} <${next}`, version));
        expect(isInRange(`~${given}`, version)).toBe(
          isInRange(`>=${given} <${major}.${Number(minor) + 1}.0`, version),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

import { expect, it } from 'vitest';
import { createRememberedPasswords } from './remembered-passwords.ts';

const user = {
  principal: { id: '1', kind: 'user', name: 'alice' },
  stored: 'hash',
  proof: 'password:1',
  revision: '1',
} as const;

const hours = 3_600_000;

it('remembers a verified pair for twelve hours since its last use, also across revisions', () => {
  let now = 1;
  const remembered = createRememberedPasswords({ now: () => now });
  const pair = remembered.digest('alice', 'correct horse');
  remembered.addVerified(pair, user);
  now += 11 * hours;
  remembered.addVerified(pair, { ...user, revision: '2' });
  now += 11 * hours;
  expect(remembered.findVerified(pair)).toEqual({ ...user, revision: '2' });
  now += 11 * hours;
  expect(remembered.findVerified(pair)).toBeDefined();
  now += 13 * hours;
  expect(remembered.findVerified(pair)).toBeUndefined();
});

it('remembers a wrong pair for a minute', () => {
  let now = 1;
  const remembered = createRememberedPasswords({ now: () => now });
  remembered.addWrong('pair', 'hash');
  now += 59_000;
  expect(remembered.isWrong('pair', 'hash')).toBe(true);
  expect(remembered.isWrong('pair', 'another hash')).toBe(false);
  now += 2_000;
  expect(remembered.isWrong('pair', 'hash')).toBe(false);
});

it('remembers for a day that a user has logged in from a network, so that it is recorded again', () => {
  let now = 1;
  const remembered = createRememberedPasswords({ now: () => now });
  remembered.addKnown('line');
  now += 23 * hours;
  expect(remembered.isKnown('line')).toBe(true);
  now += 2 * hours;
  expect(remembered.isKnown('line')).toBe(false);
});

it('names a pair differently in each process, and no two pairs alike', () => {
  const [one, other] = [createRememberedPasswords(), createRememberedPasswords()];
  expect(one.digest('alice', 'b')).toBe(one.digest('alice', 'b'));
  expect(one.digest('alice', 'b')).not.toBe(other.digest('alice', 'b'));
  expect(one.digest('a', 'lice')).not.toBe(one.digest('al', 'ice'));
});

it('keeps verified pairs whatever the number of wrong ones, and bounds both', () => {
  const remembered = createRememberedPasswords();
  const pair = remembered.digest('alice', 'correct horse');
  remembered.addVerified(pair, user);
  for (let guess = 0; guess < 10_001; guess += 1) remembered.addWrong(`guess ${guess}`, undefined);
  expect(remembered.isWrong('guess 0', undefined)).toBe(false);
  expect(remembered.isWrong('guess 10000', undefined)).toBe(true);
  expect(remembered.isWrong('guess 10000', 'a hash')).toBe(false);
  expect(remembered.findVerified(pair)).toEqual(user);
});

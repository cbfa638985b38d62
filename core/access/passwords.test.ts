import { hash } from '@node-rs/argon2';
import { expect, it } from 'vitest';
import { assertNewPassword } from './password-rules.ts';
import { hashPassword, isOutdatedHash, verifyPassword } from './passwords.ts';

it('verifies a password by its hash, and nothing by none', async () => {
  const stored = await hashPassword('correct horse');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(stored).not.toBe(await hashPassword('correct horse'));
  expect(await verifyPassword(stored, 'correct horse')).toBe(true);
  expect(await verifyPassword(stored, 'Correct horse')).toBe(false);
  expect(await verifyPassword(undefined, 'correct horse')).toBe(false);
});

it('takes the same letters and spaces for the same password', async () => {
  const stored = await hashPassword('Zo\u00eb\u00a0und die W\u00f6lfe');
  expect(await verifyPassword(stored, 'Zoe\u0308 und die Wo\u0308lfe')).toBe(true);
  expect(await verifyPassword(stored, 'Zoe und die Wolfe')).toBe(false);
});

it('knows hashes of another cost or kind', async () => {
  expect(isOutdatedHash(await hashPassword('correct horse'))).toBe(false);
  expect(isOutdatedHash(await hash('correct horse', { memoryCost: 1024 }))).toBe(true);
  expect(isOutdatedHash(await hash('correct horse', { algorithm: 1 }))).toBe(true);
});

it('hashes nothing that is empty or huge', async () => {
  await expect(hashPassword('')).rejects.toThrow(RangeError);
  await expect(hashPassword('\u00e4'.repeat(513))).rejects.toThrow(RangeError);
});

it.each([
  ['correct horse battery staple'],
  ['tr0ub4dor&3'],
  ['\u5bc6\u7801\u5f88\u957f\u4e0d\u4f1a\u5fd8\u8bb0'],
  ['alice in wonderland'],
  ['x7'.padEnd(1024, 'q')],
])('the password %j is accepted', (password) => {
  expect(() => assertNewPassword(password, 'alice')).not.toThrow();
});

it.each([
  ['seven77', 'too short'],
  ['', 'too short'],
  ['x7'.padEnd(1025, 'q'), 'too long'],
  ['correct horse\n', 'control character'],
  ['Alice2026', 'the user name'],
  ['alicealice', 'the user name'],
  ['Password1!', 'guessing'],
  ['harbor12345', 'guessing'],
  ['aaaaaaaaaa', 'guessing'],
  ['12345678', 'digits'],
  ['19840711', 'digits'],
])('the password %j is refused as %s', (password, reason) => {
  expect(() => assertNewPassword(password, 'alice')).toThrow(
    expect.objectContaining({ code: 'request.invalid', message: expect.stringContaining(reason) }),
  );
});

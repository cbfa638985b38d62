import { expect, it } from 'vitest';
import { checkPrincipalName } from './admin/names.ts';
import { toUserName } from './provider-user.ts';

it.each([
  ['Ada Lovelace', 'ada-lovelace'],
  ['ada@example.com', 'ada@example.com'],
  ['José Ñandú', 'jose-nandu'],
  ['-_.ada._-', 'ada'],
  ['ﬁne', 'fine'],
  ['李', 'user'],
  ['', 'user'],
  [undefined, 'user'],
  ['../../etc/passwd', 'etc-passwd'],
  ['a\0b', 'a-b'],
  ['x'.repeat(300), 'x'.repeat(80)],
])('makes of the name %j the name %j, which a user may have', (name, expected) => {
  expect(toUserName(name)).toBe(expected);
  expect(() => checkPrincipalName({ kind: 'user', name: `${expected}-0123456789abcdef` })).not.toThrow();
});

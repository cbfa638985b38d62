import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import { type Callback, checkCallback } from './callback.ts';
import { createGuard } from './guard.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const check = (callback: Callback) => checkCallback(callback, createGuard([]));

function refusalOf(run: () => unknown): { pointer: string | undefined; message: string } {
  try {
    run();
  } catch (error) {
    if (isRegistryError(error, 'callback.invalid'))
      return { pointer: error.details?.pointer, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('checkCallback', () => {
  it('accepts callbacks by http and https, and returns the URL in normal form', () => {
    expect(check({ url: 'HTTP://Example.com:80/Hook?a=1' })).toEqual({
      url: 'http://example.com/Hook?a=1',
    });
    expect(check({ url: 'https://example.com', secret })).toEqual({
      url: 'https://example.com/',
      secret,
    });
  });

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '/hook',
    'example.com/hook',
    '',
    'http://',
    'https://user:pass@example.com/',
    'https://user@example.com/',
    `https://example.com/${'a'.repeat(2029)}`,
  ])('a callback is refused for %s', (url) => {
    expect(refusalOf(() => check({ url })).pointer).toBe('/callback/url');
  });

  it('accepts a callback URL of exactly 2,048 characters', () => {
    const url = `https://example.com/${'a'.repeat(2028)}`;
    expect(check({ url })).toEqual({ url });
  });

  it('refuses a callback without quoting its password or secret', () => {
    expect(refusalOf(() => check({ url: 'https://u:hunter2@example.com/' })).message).not.toContain(
      'hunter2',
    );
    const broken = 'whsec_hunter2!';
    expect(refusalOf(() => check({ url: 'https://example.com/', secret: broken })).message).not.toContain(
      'hunter2',
    );
  });

  it.each([
    'http://127.0.0.1:8080/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://localhost:3000/',
    'http://hooks.localhost./',
  ])('refuses the address of %s, unless it is allowed', (url) => {
    expect(refusalOf(() => check({ url }))).toMatchObject({
      pointer: '/callback/url',
      message: expect.stringContaining('WEBHOOK_ALLOW'),
    });
    const all = createGuard(['0.0.0.0/0', '::/0']);
    expect(checkCallback({ url }, all).url).toMatch(/^http:/);
  });

  it('accepts a callback with a host name, which is looked up at the call', () => {
    expect(check({ url: 'https://intern.example/' })).toEqual({ url: 'https://intern.example/' });
  });
});

import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import { checkCallback, parseSecret, signDelivery } from './sign.ts';

const payload = '{"type":"job.succeeded","data":{"name":"größe"}}';
const id = '0190b0c2-0000-7000-8000-000000000001';

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

describe('signDelivery', () => {
  it('makes headers that the verifier of the specification accepts', () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const headers = signDelivery({ id, payload, secret }, new Date());
    expect(new Webhook(secret).verify(payload, headers)).toEqual(JSON.parse(payload));
  });

  it('gives the signature of the example in the specification', () => {
    const headers = signDelivery(
      {
        id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        payload: '{"test": 2432232314}',
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      },
      new Date(1_614_265_330_999),
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('signs with the bytes of a secret that is a mere word, beyond ASCII too', () => {
    const headers = signDelivery({ id, payload, secret: 'größe' }, new Date());
    expect(new Webhook(Buffer.from('größe'), { format: 'raw' }).verify(payload, headers)).toBeTruthy();
  });

  it('is refused by the verifier when a byte of the body differs', () => {
    const headers = signDelivery({ id, payload, secret: 'word' }, new Date());
    expect(() => new Webhook('word', { format: 'raw' }).verify(`${payload} `, headers)).toThrow(
      'No matching signature',
    );
  });

  it('sends id and time but no signature without a secret', () => {
    expect(signDelivery({ id, payload }, new Date(5000))).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '5',
    });
  });
});

describe('parseSecret', () => {
  it('reads base64 of 24 to 64 bytes with and without the prefix alike', () => {
    for (const size of [24, 32, 64]) {
      const bytes = randomBytes(size);
      expect(Buffer.from(parseSecret(`whsec_${bytes.toString('base64')}`))).toEqual(bytes);
      expect(Buffer.from(parseSecret(bytes.toString('base64')))).toEqual(bytes);
    }
  });

  it('takes what only looks like base64 by its bytes', () => {
    for (const secret of [
      'password',
      randomBytes(23).toString('base64'),
      randomBytes(65).toString('base64'),
    ]) {
      expect(Buffer.from(parseSecret(secret)).toString()).toBe(secret);
    }
    const unpadded = randomBytes(32).toString('base64').replace(/=+$/, '');
    expect(Buffer.from(parseSecret(unpadded)).toString()).toBe(unpadded);
  });

  it.each(['whsec_', 'whsec_not base64!', 'whsec_abc', 'whsec_YR==', '', 'a\0b'])('refuses %j', (secret) => {
    expect(refusalOf(() => parseSecret(secret)).pointer).toBe('/callback/secret');
  });
});

describe('checkCallback', () => {
  it('accepts http and https and gives the URL in normal form', () => {
    expect(checkCallback({ url: 'HTTP://Example.com:80/Hook?a=1' })).toEqual({
      url: 'http://example.com/Hook?a=1',
    });
    expect(checkCallback({ url: 'https://example.com', secret: 's' })).toEqual({
      url: 'https://example.com/',
      secret: 's',
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
  ])('refuses %s', (url) => {
    expect(refusalOf(() => checkCallback({ url })).pointer).toBe('/callback/url');
  });

  it('accepts a URL of exactly 2,048 characters', () => {
    const url = `https://example.com/${'a'.repeat(2028)}`;
    expect(checkCallback({ url })).toEqual({ url });
  });

  it('never repeats a password or a secret in its message', () => {
    expect(refusalOf(() => checkCallback({ url: 'https://u:hunter2@example.com/' })).message).not.toContain(
      'hunter2',
    );
    const secret = 'whsec_hunter2!';
    expect(refusalOf(() => checkCallback({ url: 'https://example.com/', secret })).message).not.toContain(
      'hunter2',
    );
  });
});

import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { isStandardSecret, readSigningKey, signDelivery } from './sign.ts';

const payload = '{"type":"job.succeeded","data":{"name":"größe"}}';
const id = '0190b0c2-0000-7000-8000-000000000001';

describe('signDelivery', () => {
  it('signs a delivery so that the verifier of the specification accepts it', () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const headers = signDelivery({ id, payload, secret }, new Date());
    expect(new Webhook(secret).verify(payload, headers)).toEqual(JSON.parse(payload));
  });

  it('makes the signature of the example in the specification', () => {
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

  it('signs with the UTF-8 bytes of a secret that an older release accepted', () => {
    const headers = signDelivery({ id, payload, secret: 'größe' }, new Date());
    expect(new Webhook(Buffer.from('größe'), { format: 'raw' }).verify(payload, headers)).toBeTruthy();
  });

  it('makes a signature that the verifier refuses for another body', () => {
    const headers = signDelivery({ id, payload, secret: 'word' }, new Date());
    expect(() => new Webhook('word', { format: 'raw' }).verify(`${payload} `, headers)).toThrow(
      'No matching signature',
    );
  });

  it('makes no signature without a secret', () => {
    expect(signDelivery({ id, payload }, new Date(5000))).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '5',
    });
  });
});

describe('readKey', () => {
  it('reads a key of base64 with and without the prefix alike', () => {
    for (const size of [24, 32, 64]) {
      const bytes = randomBytes(size);
      expect(Buffer.from(readSigningKey(`whsec_${bytes.toString('base64')}`))).toEqual(bytes);
      expect(Buffer.from(readSigningKey(bytes.toString('base64')))).toEqual(bytes);
    }
  });

  it('reads a secret that only looks like base64 as its bytes', () => {
    for (const secret of [
      'password',
      randomBytes(23).toString('base64'),
      randomBytes(65).toString('base64'),
    ]) {
      expect(Buffer.from(readSigningKey(secret)).toString()).toBe(secret);
    }
    const unpadded = randomBytes(32).toString('base64').replace(/=+$/, '');
    expect(Buffer.from(readSigningKey(unpadded)).toString()).toBe(unpadded);
  });
});

describe('isStandardSecret', () => {
  const encoded = (size: number) => randomBytes(size).toString('base64');
  it.each([24, 25, 32, 64])(
    'takes %i bytes of base64, with which the library verifies what we sign',
    (size) => {
      for (const secret of [encoded(size), `whsec_${encoded(size)}`]) {
        expect(isStandardSecret(secret)).toBe(true);
        const headers = signDelivery({ id, payload, secret }, new Date());
        expect(new Webhook(secret).verify(payload, headers)).toEqual(JSON.parse(payload));
      }
    },
  );

  it.each([
    '',
    'word',
    'whsec_',
    'whsec_not base64!',
    'whsec_YR==',
    'a\0b',
    `whsec_${encoded(23)}`,
    `whsec_${encoded(65)}`,
    `whsec_${encoded(32).replace(/=+$/, '')}`,
    `WHSEC_${encoded(32)}`,
    ` whsec_${encoded(33)}`,
  ])('%j is no standard secret', (secret) => expect(isStandardSecret(secret)).toBe(false));
});

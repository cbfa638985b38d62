import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Key, openKeyRing } from './keys.ts';
import { createSealer, isSealed, type SealContext, type Sealer } from './sealer.ts';

const makeKey = (id: string): Key => ({ id, secret: randomBytes(32), opensOnly: false });
const sealerOf = async (...keys: Key[]): Promise<Sealer> => createSealer(await openKeyRing(async () => keys));

const context: SealContext = { purpose: 'callback secret', row: 'a' };
const key = makeKey('2026-11');
const opened = (text: string) => ({ kind: 'opened', text });

describe('a sealed text', () => {
  it.each(['', 'whsec_c2VjcmV0', 'größe \u{1f600}', 'x'.repeat(10_000)])(
    'a sealed text opens to the text (%#)',
    async (text) => {
      const sealer = await sealerOf(key);
      const sealed = sealer.seal(text, context);
      expect(await sealer.open(sealed, context)).toEqual(opened(text));
      expect(isSealed(sealed)).toBe(true);
      expect(isSealed(text)).toBe(false);
    },
  );

  it('names its key, shows nothing of the text, and is another one each time', async () => {
    const sealer = await sealerOf(key);
    const texts = Array.from({ length: 100 }, () => sealer.seal('whsec_c2VjcmV0', context));
    expect(new Set(texts).size).toBe(100);
    for (const text of texts) expect(text).toMatch(/^sealed\.v1\.2026-11\.[\w-]{56}$/);
    expect(texts[0]?.startsWith(sealer.newestPrefix())).toBe(true);
  });

  it('opens with an older key of the ring, also one that only opens', async () => {
    const sealed = (await sealerOf(key)).seal('secret', context);
    for (const old of [key, { ...key, opensOnly: true }]) {
      const rotated = await sealerOf(makeKey('2026-12'), old);
      expect(await rotated.open(sealed, context)).toEqual(opened('secret'));
      expect(rotated.seal('secret', context)).toMatch(/^sealed\.v1\.2026-12\./);
    }
  });

  it('a sealed text is never sealed with a key that only opens', async () => {
    const sealer = await sealerOf({ ...makeKey('db-1'), opensOnly: true }, key);
    expect(sealer.seal('secret', context)).toMatch(/^sealed\.v1\.2026-11\./);
    await expect(sealerOf({ ...key, opensOnly: true })).rejects.toThrow('no key');
  });

  it('names the key that is missing', async () => {
    const sealed = (await sealerOf(key)).seal('secret', context);
    expect(await (await sealerOf(makeKey('2026-12'))).open(sealed, context)).toEqual({
      kind: 'keyMissing',
      keyId: '2026-11',
    });
  });

  it('a sealed text does not open with another key of the same id, or for another row', async () => {
    const sealer = await sealerOf(key);
    const sealed = sealer.seal('secret', context);
    const damaged = { kind: 'damaged' };
    expect(await (await sealerOf(makeKey(key.id))).open(sealed, context)).toEqual(damaged);
    expect(await sealer.open(sealed, { ...context, row: 'b' })).toEqual(damaged);
  });

  it('a sealed text does not open once a character has changed or is missing', async () => {
    const sealer = await sealerOf(key);
    const sealed = sealer.seal('secret', context);
    const start = sealer.newestPrefix().length;
    for (let index = start; index < sealed.length; index += 1) {
      const other = sealed[index] === 'A' ? 'B' : 'A';
      const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
      // The last character has bits that no byte has.
      if (
        Buffer.from(changed.slice(start), 'base64url').equals(Buffer.from(sealed.slice(start), 'base64url'))
      )
        continue;
      expect(await sealer.open(changed, context)).toEqual({ kind: 'damaged' });
      expect(await sealer.open(sealed.slice(0, index), context)).toEqual({ kind: 'damaged' });
    }
  });

  it.each([
    'sealed.v1.',
    'sealed.v1.2026-11',
    'sealed.v1.2026-11.',
    'sealed.v2.2026-11.AAAA',
    'sealed.v1.a b.AAAA',
  ])('a malformed sealed text is damaged: %s', async (text) => {
    expect(await (await sealerOf(key)).open(text, context)).toEqual({ kind: 'damaged' });
  });
});

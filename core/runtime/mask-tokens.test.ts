import { describe, expect, it } from 'vitest';
import { maskTokens } from './mask-tokens.ts';

const id = 'a1b2c3d4e5f6a7b8';
const secret = 'Zm9v-YmFy_cXV4Zm9vYmFycXV4Zm9vYmFycXV4Zm9vY';
const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjaSJ9.${secret}`;
const encodeAll = (text: string) =>
  [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('');

describe('maskTokens', () => {
  it.each([
    [`/x/hrt_${id}_${secret}/y`, `/x/hrt_${id}_***`],
    [`curl "hrt_${id}_${secret}" b`, `curl "hrt_${id}_***" b`],
    [`/x/hrt%5f${id}%5F${secret}`, `/x/hrt_${id}_***`],
    [`/x/hrt%255f${id}%25255f${secret}`, `/x/hrt_${id}_***`],
    [`/x/${encodeAll(`hrt_${id}_${secret}`)}`, `/x/hrt_${id}_***`],
    [`/x/HRT_${id}_${secret}`, `/x/hrt_${id}_***`],
    [`hrt_${id.toUpperCase()}_${secret}`, 'hrt_***'],
    [`hrt_${secret}`, 'hrt_***'],
    [`hrt_${id}_${secret}%20${secret}`, `hrt_${id}_***`],
    [`/x/${jwt}/y`, '/x/eyJ***/y'],
    [`/x/${jwt.replaceAll('.', '%2e')}`, '/x/eyJ***'],
    [`${jwt.slice(0, 30)}…`, 'eyJ***…'],
  ])('the text %s becomes %s', (text, masked) => {
    expect(maskTokens(text)).toBe(masked);
    expect(maskTokens(masked)).toBe(masked);
  });

  it.each([`hrt_${id}`, 'hrt_', '/a%2fb%5fc', 'eyJohn', '/spaces/short/charts/web', '%', '100 %'])(
    'the text %s has no secret and stays',
    (text) => {
      expect(maskTokens(text)).toBe(text);
    },
  );

  it.each([
    ['eyJ', 'eyJ***'],
    ['hrt_', 'hrt_hrt_***'],
    ['hrt%5f', 'hrt_hrt_***'],
    ['%25', '%25'.repeat(100_000)],
  ])('a text of a hundred thousand times %s is masked as a whole', (part, masked) => {
    expect(maskTokens(part.repeat(100_000))).toBe(masked);
  });
});

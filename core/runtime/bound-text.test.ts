import { describe, expect, it } from 'vitest';
import { RegistryError } from '../errors.ts';
import { boundText } from './bound-text.ts';

describe('an error that quotes the input of a client', () => {
  it('bounds the message and details of an error', () => {
    const long = 'x'.repeat(1_000_000);
    const details = {
      pointer: `/${long}`,
      errors: Array.from({ length: 10_000 }, () => ({ message: long })),
    };
    const body = new RegistryError('values.invalid', long, details).toBody();
    expect(JSON.stringify(body).length).toBeLessThan(100_000);
    expect(body).toMatchObject({
      code: 'values.invalid',
      details: { pointer: expect.stringMatching(/^\/x+…$/) },
    });
  });

  it('keeps a short message and short details', () => {
    const details = { pointer: '/a', list: [1, null, { deep: true }] };
    expect(new RegistryError('values.invalid', 'short', details).toBody()).toMatchObject({
      message: 'short',
      details,
    });
  });

  it('replaces what PostgreSQL cannot store in the message and in keys and texts of the details', () => {
    const error = new RegistryError('values.invalid', 'a\0', { 'k\0': ['\uD83D', { deep: '😀\0' }] });
    expect(error.toBody()).toMatchObject({
      message: 'a\uFFFD',
      details: { 'k\uFFFD': ['\uFFFD', { deep: '😀\uFFFD' }] },
    });
  });

  it('cuts no text inside a surrogate pair', () => {
    expect(boundText('a😀😀', 2)).toBe('a…');
  });
});

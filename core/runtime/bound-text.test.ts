import { describe, expect, it } from 'vitest';
import { RegistryError } from '../errors.ts';
import { boundText } from './bound-text.ts';

describe('an error that quotes what strangers sent', () => {
  it('has a message and details of bounded size', () => {
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

  it('keeps what is short as it is', () => {
    const details = { pointer: '/a', list: [1, null, { deep: true }] };
    expect(new RegistryError('values.invalid', 'short', details).toBody()).toMatchObject({
      message: 'short',
      details,
    });
  });

  it('is not cut inside a surrogate pair', () => {
    expect(boundText('a😀😀', 2)).toBe('a…');
  });
});

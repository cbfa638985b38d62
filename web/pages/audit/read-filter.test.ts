import { expect, it } from 'vitest';
import { fromLocalTimeField, readAuditFilter, toLocalTimeField } from './read-filter.ts';

it('reads filters of an address, and passes over what cannot be one', () => {
  expect(
    readAuditFilter({
      space: 'demo',
      chart: '',
      principal: 'ana',
      action: 'token.create',
      outcome: 'denied',
      since: '2026-01-31T08:00:00.000Z',
      until: 'yesterday',
      tab: 'audit',
    }),
  ).toEqual({
    space: 'demo',
    principal: 'ana',
    action: 'token.create',
    outcome: 'denied',
    since: '2026-01-31T08:00:00.000Z',
  });
  expect(readAuditFilter({ action: 'nothing', outcome: 'maybe' })).toEqual({});
});

it('keeps a time through the field of a form, whatever the clock of the reader', () => {
  const time = '2026-01-31T08:30:00.000Z';
  expect(fromLocalTimeField(toLocalTimeField(time))).toBe(time);
  expect(toLocalTimeField(undefined)).toBe('');
  expect(fromLocalTimeField('')).toBeUndefined();
});

import type { Mirror } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { describeRange, describeSchedule } from './describe-mirror.ts';
import { readMirror, settingsToSend } from './read-mirror.ts';

const mirror: Mirror = {
  space: 'copy',
  url: 'https://charts.example.com/',
  charts: ['web*'],
  prereleases: true,
  minAgeDays: 0,
  prune: false,
  mostPruned: 100,
  overwrite: false,
  every: 60,
  hasCredentials: true,
  dueAt: null,
  succeededAt: null,
};

function fieldsOf(values: Record<string, string>): FormData {
  const fields = new FormData();
  for (const [name, value] of Object.entries(values)) fields.set(name, value);
  return fields;
}

it('sends back settings that it does not know, and no facts', () => {
  const later = { ...mirror, signatures: true };
  const { space, hasCredentials, dueAt, succeededAt, mostPruned, ...settings } = mirror;
  expect(settingsToSend(later)).toEqual({ ...settings, signatures: true });
  expect(settingsToSend({ ...mirror, prune: true })).toMatchObject({ prune: true, mostPruned: 100 });
  const read = readMirror(
    fieldsOf({ url: mirror.url, charts: 'web', every: '60', credentials: 'keep' }),
    later,
  );
  expect(read).toMatchObject({ signatures: true, charts: ['web'] });
  expect(read).not.toHaveProperty('credentials');
});

it('reads the fields, of which empty ones are absent', () => {
  const given = {
    url: ' oci://registry.example.com/charts ',
    charts: '',
    range: '^2',
    last: '3',
    minAgeDays: '7',
    prune: 'true',
    mostPruned: '5',
    every: '',
    credentials: 'new',
    'credentials/username': 'ada',
    'credentials/password': ' secret ',
    'credentials/realm': 'https://auth.example.com/token',
    plainHttp: 'true',
  };
  expect(readMirror(fieldsOf(given))).toEqual({
    url: 'oci://registry.example.com/charts',
    charts: ['*'],
    range: '^2',
    last: 3,
    prereleases: false,
    minAgeDays: 7,
    prune: true,
    mostPruned: 5,
    overwrite: false,
    plainHttp: true,
    every: null,
    credentials: { username: 'ada', password: ' secret ', realm: 'https://auth.example.com/token' },
  });
  expect(readMirror(fieldsOf({ ...given, credentials: 'none' }))).toMatchObject({ credentials: null });
  const encrypted = readMirror(fieldsOf({ url: mirror.url }), { ...mirror, plainHttp: true });
  expect(encrypted).not.toHaveProperty('plainHttp');
});

it('says schedule and versions in words', () => {
  expect([60, 1440, 120, 90, 5].map(describeSchedule)).toEqual([
    'every hour',
    'every day',
    'every 2 hours',
    'every 90 minutes',
    'every 5 minutes',
  ]);
  expect(describeSchedule(null)).toContain('paused');
  expect(describeRange({ prereleases: true })).toBe('all');
  expect(describeRange({ range: '^2', last: 3, prereleases: false })).toBe(
    'the highest 3 of each chart, in ^2, no pre-releases',
  );
});

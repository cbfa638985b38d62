import type { Mirror, NewMirror } from '@helm-registry/client';
import { readItems, readNumber, readText } from '../../parts/form/read-fields.ts';

/** Answers of the field for credentials. */
export const credentialChoices = {
  keep: 'Keep those that are set',
  none: 'None',
  new: 'Set new ones',
} as const;

/**
 * Picks what an edit sends back: the settings without facts about the mirror. Settings that this page does not know are
 * among them, since absent ones would have their defaults.
 */
export function settingsToSend(mirror: Mirror): NewMirror {
  const { space, hasCredentials, dueAt, succeededAt, run, mostPruned, ...settings } = mirror;
  // The limit is refused where nothing is pruned.
  return settings.prune ? { ...settings, mostPruned } : settings;
}

/** Reads the fields of a mirror. @param before mirror that is edited */
export function readMirror(fields: FormData, before?: Mirror): NewMirror {
  const kept: Partial<NewMirror> = before ? settingsToSend(before) : {};
  const { range: _range, last: _last, mostPruned: _mostPruned, plainHttp: _plainHttp, ...rest } = kept;
  const range = readText(fields, 'range');
  const last = readNumber(fields, 'last');
  const charts = readItems(fields, 'charts');
  const prune = fields.has('prune');
  const mostPruned = readNumber(fields, 'mostPruned');
  return {
    ...rest,
    url: readText(fields, 'url'),
    charts: charts.length > 0 ? charts : ['*'],
    ...(range !== '' && { range }),
    ...(last !== undefined && { last }),
    prereleases: fields.has('prereleases'),
    minAgeDays: readNumber(fields, 'minAgeDays') ?? 0,
    prune,
    ...(prune && mostPruned !== undefined && { mostPruned }),
    overwrite: fields.has('overwrite'),
    ...(fields.has('plainHttp') && { plainHttp: true }),
    every: readNumber(fields, 'every') ?? null,
    ...readCredentials(fields),
  };
}

function readCredentials(fields: FormData): Pick<NewMirror, 'credentials'> {
  const choice = readText(fields, 'credentials');
  const username = readText(fields, 'credentials/username');
  const password = fields.get('credentials/password');
  const realm = readText(fields, 'credentials/realm');
  if (choice === 'none') return { credentials: null };
  if (choice === 'keep' || (username === '' && password === '')) return {};
  const text = typeof password === 'string' ? password : '';
  return { credentials: { username, password: text, ...(realm !== '' && { realm }) } };
}

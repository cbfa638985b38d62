import { findGlobFault } from '../access/chart-globs.ts';
import { RegistryError } from '../errors.ts';
import { parseConstraint } from '../semver/constraint.ts';
import { findUrlFault } from '../webhooks/callback.ts';
import type { Guard } from '../webhooks/guard.ts';
import type { MirrorCredentials, MirrorSettings } from './settings.ts';

/** Mirror as a request wants it; absent settings have their defaults. */
export type WantedMirror = { [Name in keyof MirrorSettings]?: MirrorSettings[Name] | undefined } & {
  url: string;
  /** Minutes between two runs; null for one that runs when it is told to. */
  every?: number | null | undefined;
  /** Absent to keep those that there are, if the URL has the same scheme, host and port; null for none. */
  credentials?: MirrorCredentials | null | undefined;
};

/** Longest URL of a repository, in characters. */
const maxUrlLength = 1024;

/**
 * Checks what a request wants of a mirror.
 * @returns the URL of the folder that has index.yaml, with a slash at its end
 * @throws {RegistryError} `mirror.invalid` with the pointer of the value at fault, which is not shown
 */
export function checkMirror({ url, charts, range, prune, ...rest }: WantedMirror, guard: Guard): URL {
  const globFault = charts && findGlobFault(charts);
  if (globFault !== undefined) throw refuse('/charts', globFault);
  if (range !== undefined && !parseConstraint(range))
    throw refuse('/range', 'The range cannot be read. Give one as in Chart.yaml, such as ">=1.2.0 <2".');
  if (rest.mostPruned !== undefined && prune !== true)
    throw refuse('/mostPruned', '/mostPruned has an effect with "prune": true alone.');
  return checkUrl(url, guard);
}

function checkUrl(text: string, guard: Guard): URL {
  if (text.length > maxUrlLength || !URL.canParse(text))
    throw refuse(
      '/url',
      'The URL cannot be read. Give a whole one, such as https://charts.example.com/stable.',
    );
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refuse('/url', 'The URL must begin with http:// or https://.');
  if (url.username !== '' || url.password !== '')
    throw refuse('/url', 'The URL must not carry a user name or password: send them as /credentials.');
  if (url.search !== '' || url.hash !== '')
    throw refuse('/url', 'The URL must have neither ? nor #: give the folder that has index.yaml.');
  const fault = findUrlFault(url, guard);
  if (fault !== undefined) throw refuse('/url', `The address of the repository ${fault}`);
  url.pathname = `${url.pathname.replace(/\/index\.yaml$/, '').replace(/\/+$/, '')}/`;
  return url;
}

/** Makes the error for a mirror that is not accepted. */
export function refuse(pointer: string, message: string): RegistryError {
  return new RegistryError('mirror.invalid', message, { pointer });
}

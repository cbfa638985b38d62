import { StartError } from '../runtime/startup-error.ts';
import type { Config } from './settings.ts';

/**
 * Checks that a certificate and its key are both named, or neither.
 * @throws {StartError} that names the missing one
 */
export function checkTls({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): void {
  if ((tlsCert === '') === (tlsKey === '')) return;
  const [given, missing] = tlsCert === '' ? ['TLS_KEY', 'TLS_CERT'] : ['TLS_CERT', 'TLS_KEY'];
  throw new StartError(
    `${given} is set and ${missing} is not: HTTPS needs both, a certificate and its key; HTTP needs neither`,
  );
}

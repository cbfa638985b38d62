import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../core/config/load.ts';
import type { Config } from '../../core/config/settings.ts';
import type { Container } from './render.ts';

/** Values that stand in for those of secrets, by the variable. */
const secrets: Record<string, string> = {
  DATABASE_URL: 'postgres://charts:secret@postgres:5432/charts',
  REDIS_URL: 'redis://:secret@redis:6379/0',
  S3_ACCESS_KEY: 'access',
  S3_SECRET_KEY: 'secret',
};

/**
 * Reads the settings that a container starts with, as the program does.
 * @param home folder for a file that stands in for a mounted secret
 * @throws {StartError} where the program would not start
 */
export async function environmentOf(
  container: Container,
  home: string,
): Promise<{ environment: Record<string, string>; config: Config }> {
  const environment = Object.fromEntries(
    container.env.map(({ name, value, valueFrom }) => {
      if (value === undefined && valueFrom === undefined) throw new Error(`${name} has no value`);
      return [name, value ?? secrets[name] ?? ''];
    }),
  );
  const file = join(home, 'client-secret');
  await writeFile(file, 'secret');
  const mounted = environment.OIDC_CLIENT_SECRET_FILE ? { OIDC_CLIENT_SECRET_FILE: file } : {};
  return { environment, config: await loadConfig({ ...environment, ...mounted }) };
}

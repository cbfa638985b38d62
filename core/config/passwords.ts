import { StartError } from '../runtime/startup-error.ts';
import { type Config, settings } from './settings.ts';

/** Prefix of each password that the project has as an example. */
const examplePrefix = 'example-only-';

/**
 * Refuses the project's example passwords, unless this is a trial.
 * @throws {StartError} with the names of the settings, never their values
 */
export function assertNoExamplePasswords(config: Config): void {
  if (config.trial) return;
  const secrets = {
    databaseUrl: config.databaseUrl,
    redisUrl: config.redisUrl,
    s3SecretKey: config.s3SecretKey,
    oidcClientSecret: config.oidcClientSecret,
  };
  const examples = Object.entries({ ...secrets, s3AccessKey: config.s3AccessKey })
    .filter(([, value]) => value.includes(examplePrefix))
    .map(([name]) => Object.entries(settings).find(([known]) => known === name)?.[1].env ?? name);
  if (examples.length === 0) return;
  throw new StartError(
    `${examples.join(', ')} ${examples.length > 1 ? 'have' : 'has'} an example password, which is public: set passwords of your own (docker-compose.yml: POSTGRES_PASSWORD, REDIS_PASSWORD, MINIO_ROOT_USER, MINIO_ROOT_PASSWORD in .env), or TRIAL=true for a trial`,
  );
}

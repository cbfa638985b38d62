import { StartError } from '../runtime/startup-error.ts';
import { type Config, settings } from './settings.ts';

/** Beginning of each password that the project gives as an example. */
const examplePrefix = 'example-only-';

/**
 * Refuses passwords that everybody can read in the project, unless the configuration says that this is a trial.
 * @throws {StartError} that names the settings and never their values
 */
export function checkPasswords(config: Config): void {
  if (config.trial) return;
  const secrets = {
    databaseUrl: config.databaseUrl,
    redisUrl: config.redisUrl,
    s3SecretKey: config.s3SecretKey,
  };
  const examples = Object.entries({ ...secrets, s3AccessKey: config.s3AccessKey })
    .filter(([, value]) => value.includes(examplePrefix))
    .map(([name]) => Object.entries(settings).find(([known]) => known === name)?.[1].env ?? name);
  if (examples.length === 0) return;
  throw new StartError(
    `${examples.join(', ')} ${examples.length > 1 ? 'have' : 'has'} an example password, which everybody can read: set passwords of your own (docker-compose.yml: POSTGRES_PASSWORD, REDIS_PASSWORD, MINIO_ROOT_USER, MINIO_ROOT_PASSWORD in .env), or TRIAL=true for a trial`,
  );
}

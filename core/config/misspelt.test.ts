import { describe, expect, it } from 'vitest';
import { findMisspelt } from './misspelt.ts';
import { settings } from './settings.ts';

const nearestOf = (name: string) => findMisspelt({ [name]: 'x' });

describe('a variable that looks like a setting', () => {
  it.each([
    ['REDIS_URI', 'REDIS_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['S3_ENDPONT', 'S3_ENDPOINT'],
    ['S3_ENDPOINT_URL', 'S3_ENDPOINT'],
    ['S3_ACCESS_KEY_ID', 'S3_ACCESS_KEY'],
    ['S3_SECRET_ACCESS_KEY', 'S3_SECRET_KEY'],
    ['HELM_REGISTRY_DATABASE_URL', 'DATABASE_URL'],
    ['HELM_REGISTRY_LISTN', 'LISTEN'],
    ['WORKER_CONCURENCY', 'WORKER_CONCURRENCY'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['log_level', 'LOG_LEVEL'],
    ['LISTNE', 'LISTEN'],
    ['SPACES_AUTO_CREATE', 'SPACES_AUTOCREATE'],
    ['DATABASE_URL_FILE', 'DATABASE_URL'],
  ])('%s is named with the nearest, %s', (name, nearest) => {
    expect(nearestOf(name)).toEqual([{ name, nearest }]);
  });

  it.each(['HELM_REGISTRY_NOTHING_LIKE_IT', 'S3_FORCE'])('reports %s, without a near setting', (name) => {
    expect(nearestOf(name)).toEqual([{ name, nearest: undefined }]);
  });

  it.each([
    'PATH',
    'HOME',
    'PWD',
    'LANG',
    'TZ',
    'HOSTNAME',
    'SHLVL',
    'TERM',
    'USER',
    'LOGNAME',
    'TMPDIR',
    'DEBUG',
    'CI',
    'NODE_ENV',
    'NODE_OPTIONS',
    'PORT',
    'HOST',
    'npm_config_cache',
    'npm_package_version',
    'XDG_DATA_DIRS',
    'HELM_REGISTRY_CONFIG',
    'HELM_REGISTRY_PORT',
    'HELM_REGISTRY_PORT_8099_TCP',
    'HELM_REGISTRY_SERVICE_HOST',
    'HELM_REGISTRY_SERVICE_PORT_HTTP',
    'HELM_REGISTRY_PORT_8099_TCP_ADDR',
    'HELM_CACHE_HOME',
    'REDIS_PORT',
    'REDIS_HOST',
    'REDIS_PASSWORD',
    'REDIS_PORT_6379_TCP',
    'REDIS_SSL',
    'REDIS_TLS',
    'REDIS_TLS_URL',
    'REDIS_DB',
    'DATABASE_HOST',
    'DATABASE_PORT',
    'DATABASE_SSL',
    'DATABASE_USER',
    'DATABASE_NAME',
    'POSTGRES_PASSWORD',
    'PGPASSWORD',
    'AWS_REGION',
    'AWS_ACCESS_KEY_ID',
    'MINIO_ROOT_USER',
    'LISTEN_FDS',
    'LISTEN_PID',
    'CACHE_DIR',
    'LOG_FILE',
    'LOG_FORMAT',
    'HISTSIZE',
    'CCACHE_MAXSIZE',
    'GIT_DIR',
    'WORKER_ID',
    'API_KEY',
    'API_URL',
    'PAGE_SIZE',
    'QUEUE_URL',
    'MANAGER_URL',
    'KUBERNETES_SERVICE_HOST',
    'OTEL_SERVICE_NAME',
    'TEST_SERVER_DEPLOYMENT',
  ])('the variable %s is no misspelt setting', (name) => {
    expect(nearestOf(name)).toEqual([]);
  });

  it('reports neither settings nor empty variables', () => {
    const all = Object.values(settings).map(({ env }) => [env, 'x']);
    expect(findMisspelt(Object.fromEntries(all))).toEqual([]);
    expect(findMisspelt({ REDIS_URI: '' })).toEqual([]);
  });

  it.each(Object.values(settings).map(({ env }) => env))(
    'reports a variable that lacks one letter of %s',
    (env) => {
      const word = env.length - 2;
      const name = env.slice(0, word) + env.slice(word + 1);
      expect(nearestOf(name)).toEqual([{ name, nearest: env }]);
    },
  );
});

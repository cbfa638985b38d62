import { join } from 'node:path';
import type { BasicCredentials } from './basic.ts';
import { configFolder, type Environment, homeFolder } from './config-folder.ts';
import { askHelper } from './credential-helper.ts';
import { isObject, parseJson, readFileIfPresent, readTextValue } from './read-json.ts';

/** Credentials of another program, and its name. */
export interface ForeignCredentials {
  basic: BasicCredentials;
  source: 'helm' | 'docker';
}

/** Finds what `helm registry login` or `docker login` has stored for a host, Helm's first. */
export async function findForeignCredentials(
  environment: Environment,
  host: string,
): Promise<ForeignCredentials | undefined> {
  const files = [
    {
      source: 'helm',
      path:
        environment.HELM_REGISTRY_CONFIG || join(configFolder(environment, 'helm'), 'registry/config.json'),
    },
    {
      source: 'docker',
      path: join(environment.DOCKER_CONFIG || join(homeFolder(environment), '.docker'), 'config.json'),
    },
  ] as const;
  for (const { source, path } of files) {
    const config = parseJson((await readFileIfPresent(path)) ?? '');
    const basic = isObject(config) ? await findInConfig(config, host) : undefined;
    if (basic) return { basic, source };
  }
  return undefined;
}

/** Finds a host in a configuration of Docker's format: by its helper, the helper of all, or in the file. */
async function findInConfig(
  config: Record<string, unknown>,
  host: string,
): Promise<BasicCredentials | undefined> {
  const helpers = isObject(config.credHelpers) ? config.credHelpers : {};
  const helper = readTextValue(helpers, host) ?? readTextValue(config, 'credsStore');
  const fromHelper = helper === undefined ? undefined : await askHelper(helper, host);
  if (fromHelper) return fromHelper;
  const entries = isObject(config.auths) ? config.auths : {};
  const entry = entries[host] ?? entries[`https://${host}`];
  return isObject(entry) ? decodePair(readTextValue(entry, 'auth') ?? '') : undefined;
}

function decodePair(auth: string): BasicCredentials | undefined {
  const [, user = '', password = ''] =
    /^([^:]*):([\s\S]+)$/.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  return password === '' ? undefined : { user, password };
}

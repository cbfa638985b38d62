import { z } from 'zod';
import { StartError } from '../runtime/startup-error.ts';
import { type FileValue, readSettingsFile } from './file.ts';
import { checkObjectStore } from './object-store.ts';
import { checkOidc, readClientSecret } from './oidc.ts';
import { assertNoExamplePasswords } from './passwords.ts';
import type { Setting } from './settings/setting.ts';
import { type Config, settings } from './settings.ts';

/**
 * Reads the settings: defaults, then the YAML file, then the environment; the later ones win. An empty variable
 * counts as unset.
 * @param environment usually `process.env`
 * @param file path of the YAML file, if any
 * @throws {StartError} for an unreadable file, an unknown key, an invalid value, or settings that contradict
 *   each other
 */
export async function loadConfig(
  environment: Record<string, string | undefined>,
  file?: string,
): Promise<Config> {
  const keys = new Set(Object.values(settings).map((setting) => setting.key));
  const fromFile = file === undefined ? new Map<string, FileValue>() : await readSettingsFile(file, keys);
  const entries = Object.entries(settings).map(([name, setting]) => {
    const variable = environment[setting.env];
    if (variable !== undefined && variable !== '') return [name, parseValue(setting, variable, setting.env)];
    const inFile = fromFile.get(setting.key);
    if (inFile) return [name, parseValue(setting, inFile.value, `${inFile.place}: ${setting.key}`)];
    return [name, setting.default];
  });
  const config = configSchema.parse(Object.fromEntries(entries));
  checkObjectStore(config);
  checkOidc(config);
  assertNoExamplePasswords(config);
  checkTls(config);
  return configSchema.parse({ ...config, oidcClientSecret: await readClientSecret(config) });
}

/** Makes a configuration of defaults, with overrides of a test or a program. */
export function defaultConfig(overrides: Partial<Config> = {}): Config {
  const defaults = Object.entries(settings).map(([name, setting]) => [name, setting.default]);
  return configSchema.parse({ ...Object.fromEntries(defaults), ...overrides });
}

// Gives the checked values their type, frozen; each has been checked by its own schema.
const configSchema = z.custom<Config>().transform((config) => Object.freeze(config));

function parseValue(setting: Setting<unknown>, value: unknown, place: string): unknown {
  if (value === '' && setting.default === '') return '';
  const result = setting.schema.safeParse(value);
  if (result.success) return result.data;
  const problem = result.error.issues[0]?.message ?? 'not accepted';
  const quoted = setting.secret ? '' : ` (${JSON.stringify(value)})`;
  throw new StartError(`${place}${quoted}: ${problem}`);
}

/**
 * Checks that a certificate and its key are both named, or neither.
 * @throws {StartError} that names the missing one
 */
function checkTls({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): void {
  if ((tlsCert === '') === (tlsKey === '')) return;
  const [given, missing] = tlsCert === '' ? ['TLS_KEY', 'TLS_CERT'] : ['TLS_CERT', 'TLS_KEY'];
  throw new StartError(
    `${given} is set and ${missing} is not: HTTPS needs both, a certificate and its key; HTTP needs neither`,
  );
}

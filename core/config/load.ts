import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseYamlMap } from '../chart/yaml.ts';
import { StartError } from '../start-error.ts';
import { checkObjectStore } from './object-store.ts';
import { type Config, type Setting, settings } from './settings.ts';

/**
 * Reads the settings: defaults, over them the YAML file, over that the environment. An empty variable counts as unset.
 * @param environment usually `process.env`
 * @param file path of the YAML file, if one was named
 * @throws {StartError} for a file that cannot be read, an unknown key, a value that does not fit, or settings
 *   that do not go together
 */
export async function loadConfig(
  environment: Record<string, string | undefined>,
  file?: string,
): Promise<Config> {
  const fromFile = file === undefined ? new Map<string, unknown>() : await readSettingsFile(file);
  const entries = Object.entries(settings).map(([name, setting]) => {
    const variable = environment[setting.env];
    if (variable !== undefined && variable !== '') return [name, check(setting, variable, setting.env)];
    if (fromFile.has(setting.key)) return [name, check(setting, fromFile.get(setting.key), setting.key)];
    return [name, setting.default];
  });
  const config = configSchema.parse(Object.fromEntries(entries));
  checkObjectStore(config);
  return config;
}

/** The settings with their defaults, and what a test or a program sets over them. */
export function defaultConfig(overrides: Partial<Config> = {}): Config {
  const defaults = Object.entries(settings).map(([name, setting]) => [name, setting.default]);
  return configSchema.parse({ ...Object.fromEntries(defaults), ...overrides });
}

// Values are checked one by one, each against its own schema; this only gives the whole its type, frozen.
const configSchema = z.custom<Config>().transform((config) => Object.freeze(config));

function check(setting: Setting<unknown>, value: unknown, place: string): unknown {
  if (value === '' && setting.default === '') return '';
  const result = setting.schema.safeParse(value);
  if (result.success) return result.data;
  const problem = result.error.issues[0]?.message ?? 'not accepted';
  const shown = setting.secret ? '' : ` (${JSON.stringify(value)})`;
  throw new StartError(`${place}${shown}: ${problem}`);
}

async function readSettingsFile(file: string): Promise<Map<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`cannot read ${file}: ${error.code ?? 'failed'}`);
  });
  const known = new Set(Object.values(settings).map((setting) => setting.key));
  const found = new Map<string, unknown>();
  flatten(parse(text, file), '', found, known, file);
  return found;
}

function parse(text: string, file: string): unknown {
  try {
    return parseYamlMap(text, { file, code: 'request.invalid' });
  } catch (error) {
    throw new StartError(`${file} is not YAML: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

function flatten(
  value: unknown,
  prefix: string,
  found: Map<string, unknown>,
  known: Set<string>,
  file: string,
): void {
  if (value === null || value === undefined) return;
  const isFolder = [...known].some((key) => prefix === '' || key.startsWith(`${prefix}.`));
  if (!isFolder || typeof value !== 'object' || Array.isArray(value)) {
    throw new StartError(
      prefix === ''
        ? `${file}: expected a mapping of settings`
        : `${file}: unknown key ${prefix}${isFolder ? ' (expected a mapping)' : ''}`,
    );
  }
  for (const [name, child] of Object.entries(value)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (known.has(key)) found.set(key, child);
    else flatten(child ?? {}, key, found, known, file);
  }
}

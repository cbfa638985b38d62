import { type Config, type SettingName, settings } from '../../core/config/settings.ts';

/**
 * Returns the environment of this process without settings of the registry. A REDIS_URL for the tests of Redis must not
 * reach a process that shall have no Redis.
 */
export function inheritedEnvironment(): Record<string, string | undefined> {
  const ours = new Set<string>(Object.values(settings).map(({ env }) => env));
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.has(name)));
}

const programVariable = 'REGISTRY_TEST_PROGRAM';

/** Announces the built program for processes of this run. A start from the sources takes three times as long. */
export function announceProgram(path: string): void {
  process.env[programVariable] = path;
}

/** Returns the path of the announced program, or undefined. */
export function builtProgram(): string | undefined {
  return process.env[programVariable];
}

/** Converts settings to environment variables. */
export function environmentOf(overrides: Partial<Config>): Record<string, string> {
  const names = Object.keys(settings).filter((name): name is SettingName => name in overrides);
  return Object.fromEntries(
    names.map((name) => {
      const value = overrides[name];
      return [settings[name].env, Array.isArray(value) ? value.join(',') : String(value)];
    }),
  );
}

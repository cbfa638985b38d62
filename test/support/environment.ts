import { type Config, type SettingName, settings } from '../../core/config/settings.ts';

/**
 * This process's environment without any setting: a REDIS_URL that is meant for tests of Redis must not reach a process
 * that is meant to have none.
 */
export function inheritedEnvironment(): Record<string, string | undefined> {
  const ours = new Set<string>(Object.values(settings).map(({ env }) => env));
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.has(name)));
}

const programVariable = 'REGISTRY_TEST_PROGRAM';

/** Says what processes of this run, of tests or of a benchmark, are to be: a start from the sources takes three times as long. */
export function announceProgram(path: string): void {
  process.env[programVariable] = path;
}

/** What was built for this run; undefined where nothing was. */
export function builtProgram(): string | undefined {
  return process.env[programVariable];
}

/** Settings as a process is told them. */
export function environmentOf(overrides: Partial<Config>): Record<string, string> {
  const names = Object.keys(settings).filter((name): name is SettingName => name in overrides);
  return Object.fromEntries(
    names.map((name) => {
      const value = overrides[name];
      return [settings[name].env, Array.isArray(value) ? value.join(',') : String(value)];
    }),
  );
}

import { accessSettings } from './settings/access.ts';
import { jobsSettings, webhooksSettings } from './settings/jobs.ts';
import { gcSettings, limitsSettings, retentionSettings, spacesSettings } from './settings/limits.ts';
import { oidcSettings, sessionSettings } from './settings/login.ts';
import { readsSettings } from './settings/reads.ts';
import { logSettings, metricsSettings, serverSettings } from './settings/server.ts';
import type { Setting } from './settings/setting.ts';
import { storageSettings } from './settings/storage.ts';

/**
 * All settings, in the order of the documents. The table in docs/configuration.md, `config.example.yaml` and the checks at
 * start are made from this list.
 */
export const settings = {
  ...serverSettings,
  ...accessSettings,
  ...sessionSettings,
  ...oidcSettings,
  ...storageSettings,
  ...jobsSettings,
  ...gcSettings,
  ...retentionSettings,
  ...readsSettings,
  ...spacesSettings,
  ...limitsSettings,
  ...webhooksSettings,
  ...logSettings,
  ...metricsSettings,
};

/** Name of a setting in the program. */
export type SettingName = keyof typeof settings;

/** Values of all settings. */
export type Config = Readonly<{
  [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
}>;

import type { z } from 'zod';

/** Setting: its key in the YAML file, its environment variable, accepted values and purpose. */
export interface Setting<T> {
  /** Dotted path in the YAML file. */
  key: string;
  env: string;
  schema: z.ZodType<T>;
  default: T;
  /** Sentence for the table in docs/configuration.md and the example file. */
  doc: string;
  /** Whether the value must not be shown. */
  secret?: boolean;
}

/** Checks the types of a setting's definition. */
export function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

/** Bytes of a MiB. */
export const mebibyte = 1024 * 1024;

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { packageFolder } from '../../../core/runtime/package-info.ts';
import type { Json } from '../../../core/yaml/json.ts';
import { parseYamlMap } from '../../../core/yaml/yaml.ts';

const words = z.array(z.string());
const service = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), args: z.record(z.string(), z.string()) }).optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: words.optional(),
  cap_add: words.optional(),
  security_opt: words.optional(),
  mem_limit: z.string().optional(),
  env_file: z.array(z.object({ path: z.string(), required: z.boolean() })).optional(),
  command: words,
  environment: z.record(z.string(), z.string()),
  healthcheck: z.object({ test: words }).loose().optional(),
  volumes: words,
  ports: words.optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  restart: z.string(),
  stop_grace_period: z.string(),
});
const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

/** Content of docker-compose.yml. */
export type ComposeFile = z.output<typeof composeFile>;
/** Service of docker-compose.yml. */
export type ComposeService = z.output<typeof service>;

/** Reads the text of docker-compose.yml. */
export function readComposeText(): Promise<string> {
  return readFile(new URL('docker-compose.yml', packageFolder), 'utf8');
}

/**
 * Reads docker-compose.yml as Compose does in an empty environment: every variable has its default.
 * @throws ZodError when a service lacks a key that all services have
 */
export async function readCompose(): Promise<ComposeFile> {
  return composeFile.parse(interpolate(parseComposeText(await readComposeText())));
}

/** Parses docker-compose.yml, with variables as they are written. */
export function parseComposeText(text: string): Json {
  return parseYamlMap(text, { file: 'docker-compose.yml', code: 'request.invalid' });
}

/** Returns a service by its name. @throws {Error} for an unknown name */
export function serviceOf(file: ComposeFile, name: string): ComposeService {
  const found = file.services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** Replaces `${NAME:-default}`, the only form in the file, by the default, and `$$` by a dollar. */
function interpolate(value: Json): Json {
  if (typeof value === 'string')
    return value.replace(/\$\{[A-Z0-9_]+:-([^}]*)\}/g, '$1').replaceAll('$$', () => '$');
  if (Array.isArray(value)) return value.map(interpolate);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, interpolate(child)]));
}

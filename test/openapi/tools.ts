import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isAvailable } from '../support/servers/program.ts';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'helm-registry');

/** Folder of the programs of npm and pip that `.ci/servers` installs for these tests. */
export const tools = join(cache, 'openapi');

/** Folder of the sources of the programs that use generated clients. */
export const sources = fileURLToPath(new URL('.', import.meta.url));

/** Tools by what needs them. In CI all are there, or the tests fail. */
const present = {
  lint: () => existsSync(join(tools, 'node_modules/@redocly/cli')),
  typescript: () => existsSync(join(tools, 'node_modules/openapi-typescript')),
  go: () => isAvailable('oapi-codegen', ['-version']) && isAvailable('go', ['version']),
  python: () => existsSync(join(tools, 'python/bin/openapi-python-client')),
};

/** Tells whether a tool is missing, so that its tests are left out. CI leaves nothing out. */
export function isMissing(tool: keyof typeof present): boolean {
  return process.env.CI === undefined && !present[tool]();
}

/** Runs a program, and returns what it prints. @throws {Error} with its output if it fails */
export async function run(folder: string, command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await promisify(execFile)(command, args, {
    cwd: folder,
    env,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { isMissing, run, sources, tools } from './tools.ts';

/** Longest time of a client: two compilers take long on a busy machine. */
const timeout = 240_000;

// Clients are generated from the document of a registry, compiled, and used against that registry.

let registry: TestRegistry;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-registry-clients-'));
  registry = await startRegistry();
  const document = await fetch(`${registry.url}/openapi.json`);
  await writeFile(join(folder, 'openapi.json'), await document.text());
  await writeFile(join(folder, 'web.tgz'), await packChart({ name: 'web', version: '1.2.0' }));
});
afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true });
});

/** Copies the sources of a language beside the document. @returns the folder */
async function prepare(language: string): Promise<string> {
  const target = join(folder, language);
  await cp(join(sources, language), target, { recursive: true });
  return target;
}

/** Runs a program that uses a client, and compares what it says and downloads with the registry. */
async function use(language: string, command: string, ...args: string[]): Promise<void> {
  const made = join(folder, `${language}.tgz`);
  const archive = join(folder, 'web.tgz');
  const printed = await run(join(folder, language), command, ...args, registry.url, language, archive, made);
  expect(JSON.parse(printed)).toEqual({ state: 'succeeded', code: 'space.notFound' });
  const stored = await registry.api(`/spaces/${language}/charts/made/versions/1.0.0`);
  expect(stored.status).toBe(200);
  expect(await readFile(made)).toEqual(Buffer.from(await stored.arrayBuffer()));
}

describe.skipIf(isMissing('typescript'))('client by openapi-typescript, which .ci/servers installs', () => {
  it('a client by openapi-typescript composes and downloads', { timeout }, async () => {
    const target = await prepare('typescript');
    await symlink(join(tools, 'node_modules'), join(target, 'node_modules'));
    await run(target, process.execPath, 'generate.mjs', '../openapi.json', 'registry.d.mts');
    const options = [
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--skipLibCheck',
      '--types',
      'node',
    ];
    const roots = ['--typeRoots', join(sources, '../../node_modules/@types')];
    await run(target, process.execPath, 'node_modules/typescript/bin/tsc', ...options, ...roots, 'use.mts');
    await use('typescript', process.execPath, 'use.mjs');
  });
});

describe.skipIf(isMissing('go'))('client by oapi-codegen, which .ci/servers builds', () => {
  it('a client by oapi-codegen composes and downloads', { timeout }, async () => {
    const target = await prepare('go');
    await run(target, 'oapi-codegen', '-config', 'generate.yaml', '../openapi.json');
    // Not optimized, and with paths that a build of the same client by an earlier run has in Go's cache.
    await run(target, 'go', 'build', '-trimpath', '-gcflags=-N -l', '-o', 'use', '.');
    await use('go', './use');
  });
});

describe.skipIf(isMissing('python'))('client by openapi-python-client, which .ci/servers installs', () => {
  it('a client by openapi-python-client composes and downloads', { timeout }, async () => {
    const target = await prepare('python');
    const generator = join(tools, 'python/bin/openapi-python-client');
    const args = ['--config', 'generate.yaml', '--meta', 'none', '--output-path', 'registry_client'];
    await run(target, generator, 'generate', '--path', '../openapi.json', ...args);
    await use('python', join(tools, 'python/bin/python'), 'use.py');
  });
});

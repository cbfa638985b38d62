import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { readDocument } from '../support/documents.ts';
import { browserOptions, type ClientInstallation, installClient } from '../support/install-client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let user: ClientInstallation;
beforeAll(async () => {
  user = await installClient();
  registry = await startRegistry();
}, 240_000);
afterAll(async () => {
  await registry?.close();
  await user?.dispose();
});

/** Text that each example of client/README.md prints if it does as the page says. */
const printed = [
  /replicas: 1[\s\S]*# Web[\s\S]*wrote \d+ bytes/,
  /0 warnings, replicas: 3[\s\S]*succeeded[\s\S]*\/versions\/1\.0\.0[\s\S]*web 1\.2\.0/,
  /^2 found\nshop\nweb\n$/,
  /^404 There is no chart wev[^\n]* true\n$/,
  /^open\n$/,
];

describe('the package of the client', () => {
  it('the package has its program, its declarations and nothing else, and installs nothing beside it', async () => {
    const installed = await readdir(join(user.folder, 'node_modules'));
    expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['@helm-registry']);
    const folder = join(user.folder, 'node_modules/@helm-registry/client');
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['package.json', 'README.md', 'index.js', 'index.d.ts']));
    expect(names.filter((name) => !/\.js$|\.d\.ts$|^package\.json$|^README\.md$/.test(name))).toEqual([]);
    const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(dependencies).toBeUndefined();
  });

  it('the package runs in plain Node, as an ES module', async () => {
    const program = `
      import { createClient, RegistryError } from '@helm-registry/client';
      const registry = createClient({ url: ${JSON.stringify(registry.url)} });
      console.log((await registry.whoami()).kind);
      await registry.space('none').get().catch((error) => console.log(error instanceof RegistryError, error.code));
    `;
    await writeFile(join(user.folder, 'plain.js'), program);
    const { stdout } = await promisify(execFile)(process.execPath, ['plain.js'], { cwd: user.folder });
    expect(stdout).toBe('open\ntrue space.notFound\n');
  });

  it('the package compiles for a page, with the types of browsers alone', async () => {
    const program = `
      import { createClient, type Job, type List } from '@helm-registry/client';
      const registry = createClient({ url: location.origin });
      const list: List<Job> = registry.jobs.list({ state: ['queued', 'running'] });
      export const first: Promise<Job | undefined> = list.page({ limit: 1 }).then(({ items }) => items[0]);
    `;
    await user.compile('page', program, browserOptions);
    const wrong = program.replace("'running'", "'walking'");
    await expect(user.compile('wrong', wrong, browserOptions)).rejects.toThrow('walking');
  });

  it('the package does what its README shows, example by example', { timeout: 240_000 }, async () => {
    const text = await readDocument('client/README.md');
    const examples = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, example = '']) => example);
    expect(examples).toHaveLength(printed.length);
    const files = { 'README.md': '# Web\n' };
    const manifest = { description: 'A web front end' };
    const chart = { name: 'web', version: '1.2.0', values: { replicas: 1 }, manifest, files };
    await writeFile(join(user.folder, 'web-1.2.0.tgz'), await packChart(chart));
    for (const [index, example] of examples.entries()) {
      const name = `example-${index}`;
      await user.compile(name, example.replaceAll('http://127.0.0.1:8099', registry.url));
      expect(await user.run(name)).toMatch(printed[index] ?? /^$/);
    }
  });
});

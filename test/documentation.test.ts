import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeSettings, exampleSettings } from '../core/config/describe.ts';
import { findFreePort } from '../core/db/embedded/free-port.ts';
import { packageFolder } from '../core/runtime/package-info.ts';
import {
  findAnchors,
  findLinks,
  findPaths,
  findSettings,
  findWalk,
  listDocuments,
  readDocument,
} from './support/documents.ts';
import { builtProgram, inheritedEnvironment } from './support/environment.ts';
import { describeHelms } from './support/helm/describe-helms.ts';
import { hasOras } from './support/oci-programs.ts';
import { startRegistry } from './support/registry.ts';
import { isAvailable } from './support/servers/program.ts';

const hasTools = isAvailable('curl', ['--version']) && isAvailable('tar', ['--version']);

/** Timeout in milliseconds of a test that starts the program up to eight times, half of them from its sources. */
const slowMs = 240_000;

/** Pages whose commands run once for each major version of Helm. */
const helmPages = ['README.md', 'docs/chart-repository.md', 'docs/oci.md', 'docs/chartmuseum.md'];
/** Pages whose commands run once, without Helm. */
const otherPages = [
  'docs/access.md',
  'docs/recipes.md',
  'docs/webhooks.md',
  'docs/day-two.md',
  'docs/mirrors.md',
  'docs/migrating.md',
  'docs/retention.md',
  'docs/api.md',
  'docs/configuration.md',
  'docs/operations.md',
  'docs/command-line.md',
  'docs/monitoring.md',
];

/** Text that the commands of a page print if they do as the page says. */
const expected: Record<string, RegExp> = {
  'README.md':
    /"link":"\/api\/v1\/spaces\/examples\/charts\/shop\/versions\/1\.0\.0"[\s\S]*# Source: shop\/charts\/sessions\//,
  'docs/access.md':
    /added user ana, admin[\s\S]*"group:platform"[\s\S]*"publisher"[\s\S]*"link":[\s\S]*403\n[\s\S]*"tags":\["1\.2\.0"\]\}401\n[\s\S]*"total":1/,
  'docs/recipes.md': /shop\/charts\/sessions\/Chart\.yaml[\s\S]*event: /,
  'docs/webhooks.md':
    /"type":"webhook\.test"[\s\S]*version\.published web 1\.2\.0[\s\S]*webhook\.test[\s\S]*"whsec_[\s\S]*"state":"paused"/,
  'docs/mirrors.md':
    /"outcome":"stored"[\s\S]*the same bytes[\s\S]*space\.mirrored[\s\S]*refused[\s\S]*"outcome":"stored"[\s\S]*the same manifest/,
  'docs/migrating.md':
    /wanted +from-repository +web +1\.2\.0[\s\S]*from-oci +2 +2 [\s\S]*from-repository +2 +2 [\s\S]*museum-a +1 +1 [\s\S]*original +1 +1 /,
  'docs/day-two.md': /"pointer":"\/replicas"[\s\S]*"comparison":\{[\s\S]*versions\/1\.2\.0"/,
  'docs/retention.md':
    /"reason":"unkept"[\s\S]*"state":"succeeded"[\s\S]*"deleted":1,[\s\S]*"restorableUntil"[\s\S]*"sameManifest":null/,
  'docs/api.md': /"match":"description"[\s\S]*"code":"space\.notFound"/,
  'docs/chart-repository.md': /# Source: web\/templates\/[\s\S]*"code":"version\.immutable"/,
  'docs/oci.md': /"tags":\["1\.2\.0"\]/,
  'docs/chartmuseum.md':
    /\{"saved":true\}[\s\S]*exists already[\s\S]*\{"saved":true\}[\s\S]*\{"deleted":true\}/,
  'docs/configuration.md': /"ready":true[\s\S]*refused, as it should be/,
  'docs/command-line.md':
    /pushed +command-line\/web:1\.2\.0[\s\S]*\/replicas +3 +5\n[\s\S]*succeeded[\s\S]*command-line\/shop:2\.0\.0\n/,
  'docs/monitoring.md': /helm_registry_workers 1[\s\S]*helm_registry_part_up\{part="database"\} 1/,
  'docs/operations.md':
    /"ready":true[\s\S]*would remove 0 blobs[\s\S]*nothing is wrong[\s\S]*nothing is wrong/,
};

/** Starts of the program from its sources, as pages have them. */
const fromSources = /npm run (?:--silent )?registry -- /g;
/** Page whose first run starts the sources: each start of them takes seconds of processor time. */
const fromSourcesPage = 'docs/configuration.md';

/**
 * Runs the commands of a page twice, since they must leave nothing behind: as they are, and with the built program,
 * which starts much faster. Both runs print what is expected. One page starts the program from its sources.
 */
async function walk(page: string, helm?: string): Promise<void> {
  const registry = await startRegistry();
  onTestFinished(() => registry.close());
  const home = await mkdtemp(join(tmpdir(), 'walk-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  if (helm) await symlink(await findProgram(helm), join(home, 'helm'));
  if (page !== fromSourcesPage) await writeNode(join(home, 'node'));
  const commands = findWalk(await readDocument(page), (program) => program === 'oras' && !hasOras());
  const script = commands
    .replaceAll('127.0.0.1:8099', new URL(registry.url).host)
    .replaceAll('127.0.0.1:8098', `127.0.0.1:${await findFreePort()}`);
  const env = {
    ...inheritedEnvironment(),
    PATH: `${home}:${process.env.PATH}`,
    HOME: home,
    TMPDIR: home,
    npm_config_update_notifier: 'false',
  };
  const run = async (commands: string) => {
    const options = { cwd: packageFolder, env, maxBuffer: 16 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)('sh', ['-ec', commands], options);
    expect(stdout).toMatch(expected[page] ?? /^$/);
  };
  await run(script);
  await run(script.replaceAll(fromSources, `node ${builtProgram()} `));
}

/** Writes a `node` that npm's scripts find: it starts the built program where they start the sources. */
async function writeNode(path: string): Promise<void> {
  const script = `#!/bin/sh
if [ "$1 $2 $3" = "--import tsx cli/main.ts" ]; then shift 3; exec ${process.execPath} ${builtProgram()} "$@"; fi
exec ${process.execPath} "$@"
`;
  await writeFile(path, script, { mode: 0o755 });
}

async function findProgram(name: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-c', `command -v ${name}`])).stdout.trim();
}

describe('documentation', () => {
  it('documentation lists the settings in docs/configuration.md as `npm run docs` writes them', async () => {
    expect(findSettings(await readDocument('docs/configuration.md'))).toBe(describeSettings());
    expect(await readFile(new URL('config.example.yaml', packageFolder), 'utf8')).toBe(exampleSettings());
  });

  it('documentation has commands only on pages whose commands are tested', async () => {
    const documents = await listDocuments();
    const texts = await Promise.all(documents.map(readDocument));
    const walked = documents.filter((_, i) => findWalk(texts[i] ?? '') !== '');
    expect(walked.sort()).toEqual([...helmPages, ...otherPages].sort());
  });

  it('documentation names no file or folder that does not exist', async () => {
    const missing: string[] = [];
    const pages = (await listDocuments()).filter((page) => page !== 'CHANGELOG.md');
    for (const page of pages) {
      for (const path of findPaths(await readDocument(page))) {
        const exists = await access(new URL(path, packageFolder)).then(
          () => true,
          () => false,
        );
        if (!exists) missing.push(`${page}: ${path}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('documentation shows test/interface/example.test.ts in CONTRIBUTING.md', async () => {
    const example = await readFile(new URL('test/interface/example.test.ts', packageFolder), 'utf8');
    expect(await readDocument('CONTRIBUTING.md')).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  it('documentation has a number, a decision, a date and a status at the head of each file in docs/adr/', async () => {
    const decisions = (await listDocuments()).filter((page) => page.startsWith('docs/adr/'));
    const heads = await Promise.all(decisions.map(async (page) => (await readDocument(page)).slice(0, 300)));
    const odd = decisions.filter((page, i) => {
      const head = /^# (\d+)\. .+\n\n\d{4}-\d\d-\d\d · (?:Accepted|Superseded by)\b/.exec(heads[i] ?? '');
      return Number(head?.[1]) !== Number(/\d{4}/.exec(page)?.[0]);
    });
    expect(decisions.length).toBeGreaterThan(30);
    expect(odd).toEqual([]);
  });

  it('documentation has no link to a file or heading that does not exist', async () => {
    const broken: string[] = [];
    for (const page of await listDocuments()) {
      for (const link of findLinks(await readDocument(page))) {
        const target = new URL(link, new URL(page, packageFolder));
        const { hash } = target;
        target.hash = '';
        const exists = await access(target).then(
          () => true,
          () => false,
        );
        const hasHeading =
          hash === '' || (exists && findAnchors(await readFile(target, 'utf8')).includes(hash.slice(1)));
        if (!exists || !hasHeading) broken.push(`${page}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it.skipIf(!hasTools).each(otherPages)(
    'documentation has commands in %s that work as pasted (needs curl and tar)',
    { timeout: slowMs },
    async (page) => {
      await walk(page);
    },
  );
});

describeHelms('documentation', (helm) => {
  it.skipIf(!hasTools).each(helmPages)(
    'documentation has commands in %s that work as pasted (needs curl and tar)',
    { timeout: slowMs },
    async (page) => {
      await walk(page, helm.command);
    },
  );
});

import { access, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageFolder } from '../core/runtime/package-info.ts';

const step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
});
const workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      needs: z.string().optional(),
      'timeout-minutes': z.number(),
      permissions: z.record(z.string(), z.string()).optional(),
      steps: z.array(step),
    }),
  ),
});
const read = (name: string) => readFile(new URL(name, packageFolder), 'utf8');
const release = workflow.parse(parse(await read('.github/workflows/release.yml')));
const commands = Object.values(release.jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));

it('the release publishes nothing before all tests have passed', () => {
  expect(release.permissions).toEqual({ contents: 'read' });
  const [first = '', ...others] = Object.keys(release.jobs);
  expect(release.jobs[first]?.permissions).toBeUndefined();
  expect(release.jobs[first]?.steps.some(({ run }) => run === '.ci/run')).toBe(true);
  for (const name of others) {
    const trail: string[] = [];
    for (let job: string | undefined = name; job; job = release.jobs[job]?.needs) trail.push(job);
    expect(trail.at(-1)).toBe(first);
  }
});

it('the release runs programs of the project that exist, and actions of a named version', async () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await read('package.json')));
  const text = [...commands, await read('.ci/pack')].join('\n');
  for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g))
    expect(scripts).toHaveProperty([script]);
  for (const [path] of text.matchAll(/\.ci\/\w+/g)) await access(new URL(path, packageFolder));
  for (const { uses } of Object.values(release.jobs).flatMap(({ steps }) => steps))
    if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d/);
});

it('the release builds the image with provenance, a list of parts, and arguments that the Dockerfile has', async () => {
  const steps = release.jobs.image?.steps ?? [];
  const build = steps.find(({ uses }) => uses?.startsWith('docker/build-push-action'));
  expect(build?.with).toMatchObject({ provenance: 'mode=max', sbom: true, push: true });
  const names = [...String(build?.with['build-args']).matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  const dockerfile = await read('Dockerfile');
  expect(names).toEqual(['VERSION', 'REVISION', 'SOURCE']);
  for (const name of names) expect(dockerfile).toMatch(new RegExp(`^ARG ${name}=`, 'm'));
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { addRepository, runHelm } from '../support/helm/program.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ rootSpace: 'main' }, { worker: false });
});
afterAll(() => registry.close());

describeHelms('charts uploaded over the interface of ChartMuseum', (helm) => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'helm-home-'));
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  it.each([
    ['at the root', '', '/api/charts'],
    ['in a space', 'tenant', '/api/tenant/charts'],
  ])(
    'a chart uploaded over ChartMuseum %s is found, pulled and rendered',
    async (_where, repository, path) => {
      const run = async (...args: string[]) => {
        const { passed, stdout, stderr } = await runHelm(helm, args, home);
        expect(passed, `helm ${args.join(' ')}: ${stderr}`).toBe(true);
        return stdout;
      };
      const name = `pushed-${helm.major}`;
      const archive = await packChart({
        name,
        values: { text: 'here' },
        files: { 'templates/map.yaml': 'text: {{ .Values.text }}\n' },
      });
      const saved = await registry.request(path, { method: 'POST', body: new Uint8Array(archive) });
      expect(saved.status, await saved.text()).toBe(201);
      const repo = `museum${repository.length}`;
      await run(...addRepository(repo, registry, repository));
      expect(await run('search', 'repo', `${repo}/${name}`)).toContain('1.0.0');
      await run('pull', `${repo}/${name}`, '-d', home);
      expect(await readFile(join(home, `${name}-1.0.0.tgz`))).toEqual(archive);
      expect(await run('template', 'r', `${repo}/${name}`)).toContain('text: here');
    },
  );
});

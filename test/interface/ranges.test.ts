import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, jobOf, jobsOf, metadataOf, planOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  for (const version of ['1.0.0', '1.2.0', '1.2.7', '1.10.0', '2.0.0-rc.1']) {
    await registry.upload('lib', {
      name: 'web',
      version,
      subcharts: [
        { name: 'log', version: '1.1.0' },
        { name: 'db', version: '3.0.0' },
      ],
    });
  }
});
afterAll(() => registry.close());

const node = (version: string, chart = 'web', independent = true) => ({
  package: { independent, space: 'lib', chart, version },
});
const recipe = (chart: string, configs: object) => ({ save: { chart, version: '1.0.0' }, configs });

async function compose(chart: string, configs: object) {
  const response = await registry.orchestrate('lib', recipe(chart, configs), {});
  expect(response.status).toBe(202);
  return jobOf(response);
}

describe('a version in a recipe', () => {
  it.each([
    ['latest', '2.0.0-rc.1'],
    ['*', '1.10.0'],
    ['~1.2', '1.2.7'],
    ['1.2.x', '1.2.7'],
    ['1.2', '1.2.7'],
    ['1', '1.10.0'],
    ['v1.2.0', '1.2.0'],
    ['>=1 <1.10', '1.2.7'],
    ['1 - 1.2.0', '1.2.0'],
    ['^2 || ~1.0', '1.0.0'],
    ['>1-0', '2.0.0-rc.1'],
    ['1.2.0', '1.2.0'],
  ])('the range %s in a recipe is resolved to %s, and the job shows it', async (requested, version) => {
    const chart = `r${Buffer.from(requested).toString('hex')}`;
    const job = await compose(chart, node(requested));
    expect(job.sources).toEqual([
      expect.objectContaining({
        pointer: '/configs/package',
        space: 'lib',
        chart: 'web',
        requested,
        version,
      }),
    ]);
    expect((await jobOf(await registry.api(`/jobs/${job.id}`))).sources).toEqual(job.sources);
  });

  it('latest in a recipe is the version of metadata/latest', async () => {
    const latest = await metadataOf(await registry.api('/spaces/lib/charts/web/metadata/latest'));
    const job = await compose('like-latest', node('latest'));
    expect(job.sources?.[0]?.version).toBe(latest.version);
  });

  it('a range in a recipe may select a subchart of the parent', async () => {
    const configs = { ...node('~1.2'), log: node('^1', 'log', false), base: node('latest', 'db', false) };
    const response = await registry.orchestrate('lib', recipe('inside', configs));
    expect(response.status).toBe(201);
    const metadata = await metadataOf(
      await registry.api('/spaces/lib/charts/inside/versions/1.0.0/manifests/metadata'),
    );
    expect(metadata.dependencies).toMatchObject([
      { name: 'base', version: '3.0.0' },
      { name: 'log', version: '1.1.0' },
    ]);
  });

  it.each([
    [node('^7'), '/configs/package', 'lib/web has no version in the range ^7. The nearest is'],
    [node('latest', 'nothing'), '/configs/package', 'There is no chart nothing in space lib.'],
    [{ ...node('1.0.0'), log: node('^2', 'log', false) }, '/configs/log/package', 'does not contain log ^2'],
    [node('8'), '/configs/package', 'There is no version 8 of lib/web. The nearest is'],
    [{ ...node('1.0.0'), log: node('2', 'log', false) }, '/configs/log/package', 'does not contain log 2'],
  ])('a version in a recipe that no chart has is 404: case %#', async (configs, pointer, message) => {
    const response = await registry.orchestrate('lib', recipe('none', configs), {});
    expect(response.status).toBe(404);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'source.notFound', details: { pointer } });
    expect(error.message).toContain(message);
  });

  it('a version of exactly the text of a recipe is used, and without it the range that Helm reads', async () => {
    for (const version of ['8', '8.1.0', '8.3']) await registry.upload('lib', { name: 'loose', version });
    const found = async (version: string) =>
      (await compose(`loose-${version.replaceAll('.', '-')}`, node(version, 'loose'))).sources?.[0]?.version;
    expect(await found('8')).toBe('8');
    expect(await found('8.1')).toBe('8.1.0');
    expect(await found('8.x')).toBe('8.3');
    await registry.api('/spaces/lib/charts/loose/versions/8', { method: 'DELETE' });
    const job = await compose('loose-again', node('8', 'loose'));
    expect(job.sources?.[0]).toMatchObject({ requested: '8', version: '8.3' });
  });

  it('a loose version selects the subchart of that text, and otherwise by its range', async () => {
    const subcharts = ['2', '2.4.0'].map((version) => ({ name: 'log', version }));
    const [exact, ranged] = subcharts;
    await registry.upload('lib', { name: 'holder', version: '1.0.0', subcharts: exact ? [exact] : [] });
    await registry.upload('lib', { name: 'holder', version: '2.0.0', subcharts: ranged ? [ranged] : [] });
    for (const [version, inside] of [
      ['1.0.0', '2'],
      ['2.0.0', '2.4.0'],
    ]) {
      const configs = { ...node(version ?? '', 'holder'), log: node('2', 'log', false) };
      const plan = await planOf(
        await registry.api('/spaces/lib/charts?dryRun=true', {
          method: 'POST',
          body: JSON.stringify(recipe('held', configs)),
        }),
      );
      expect(plan.metadata.dependencies).toMatchObject([{ name: 'log', version: inside }]);
    }
  });

  it('the version of the target must be exact', async () => {
    const body = { save: { chart: 'x', version: '^1' }, configs: node('latest') };
    expect(await errorOf(await registry.orchestrate('lib', body, {}))).toMatchObject({
      code: 'recipe.invalid',
      details: { pointer: '/save/version' },
    });
  });

  it('a range in a recipe is resolved once, while versions are published and deleted', async () => {
    const versions = Array.from({ length: 12 }, (_, index) => `5.0.${index}`);
    const upload = (version: string) => registry.upload('lib', { name: 'moving', version });
    await upload('5.0.0');
    const churn = (async () => {
      for (const version of versions.slice(1)) {
        await upload(version);
        await registry.api(`/spaces/lib/charts/moving/versions/5.0.${Number(version.slice(4)) - 1}`, {
          method: 'DELETE',
        });
      }
    })();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        registry.orchestrate(
          'lib',
          recipe(`mover-${index}`, { ...node('^5', 'moving'), two: node('^5', 'moving') }),
        ),
      ),
    );
    await churn;
    for (const [index, answer] of answers.entries()) {
      expect([201, 404]).toContain(answer.status);
      if (answer.status !== 201) continue;
      const { items } = await jobsOf(await registry.api(`/jobs?space=lib&chart=mover-${index}`));
      const [source, ...others] = items[0]?.sources ?? [];
      expect(others).toEqual([]);
      const path = `/spaces/lib/charts/mover-${index}/versions/1.0.0/manifests/metadata`;
      expect((await metadataOf(await registry.api(path))).dependencies).toMatchObject([
        { name: 'two', version: source?.version },
      ]);
    }
  });
});

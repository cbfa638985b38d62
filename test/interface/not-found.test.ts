import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  for (const version of ['1.0.0', '1.2.0', '1.2.0+b', '2.0.0-rc.1', '3.1.0'])
    await registry.upload('platform', { name: 'postgresql', version });
  await registry.upload('platform', { name: 'redis' });
  // Where access is guarded, only names of public spaces are suggested.
  if (registry.login)
    await registry.api('/spaces/platform', {
      method: 'PATCH',
      body: JSON.stringify({ visibility: 'public' }),
    });
});
afterAll(() => registry.close());

const versions = '/spaces/platform/charts/postgresql/versions';

describe('a resource that is not found', () => {
  it.each([
    [
      '/spaces/platfrom',
      'space.notFound',
      'There is no space platfrom. Did you mean platform?',
      ['platform'],
    ],
    ['/spaces/other/charts', 'space.notFound', 'There is no space other.', undefined],
    [
      '/spaces/platfrom/charts/redis/versions/1.0.0',
      'space.notFound',
      'Did you mean platform?',
      ['platform'],
    ],
    [
      '/spaces/platform/charts/postgres/versions',
      'chart.notFound',
      'Did you mean postgresql?',
      ['postgresql'],
    ],
    [
      '/spaces/platform/charts/mongo/metadata',
      'chart.notFound',
      'no chart mongo in space platform.',
      undefined,
    ],
    [`${versions}/1.1.0`, 'version.notFound', 'The nearest are 1.0.0, 1.2.0', ['1.0.0', '1.2.0']],
    [`${versions}/1.2.0+c`, 'version.notFound', 'of platform/postgresql', ['1.0.0', '1.2.0+b', '2.0.0-rc.1']],
    [`${versions}/9.0.0`, 'version.notFound', 'The nearest is 3.1.0.', ['3.1.0']],
  ])(
    'the 404 of %s names the missing resource and the nearest existing ones',
    async (path, code, message, nearest) => {
      const response = await registry.api(path);
      expect(response.status).toBe(404);
      const error = await errorOf(response);
      expect(error.code).toBe(code);
      expect(error.message).toContain(message);
      expect(error.details?.nearest).toEqual(nearest);
    },
  );

  it.each([
    [{ space: 'platfrom', chart: 'redis', version: '0.1.0' }, 'space', ['platform']],
    [{ space: 'platform', chart: 'postgre', version: '*' }, 'chart', ['postgresql']],
    [{ space: 'platform', chart: 'postgresql', version: '3.2.0' }, 'version', ['3.1.0']],
    [{ space: 'platform', chart: 'postgresql', version: '~2.0' }, 'version', ['2.0.0-rc.1', '3.1.0']],
    [{ space: 'platform', chart: 'postgresql', version: '>=4' }, 'version', ['3.1.0']],
  ])(
    'a missing source of a recipe is reported with the nearest, in a dry run too: %j',
    async (source, missing, nearest) => {
      const recipe = {
        save: { chart: 'shop', version: '1.0.0' },
        configs: {
          package: { independent: true, space: 'platform', chart: 'redis', version: '*' },
          db: { package: { independent: true, ...source } },
        },
      };
      for (const query of ['', '?dryRun=true']) {
        const response = await registry.api(`/spaces/platform/charts${query}`, {
          method: 'POST',
          body: JSON.stringify(recipe),
        });
        expect(response.status).toBe(404);
        expect(await errorOf(response)).toMatchObject({
          code: 'source.notFound',
          message: expect.stringMatching(/^\/configs\/db\/package: .*(nearest|Did you mean)/),
          details: { pointer: '/configs/db/package', missing, nearest },
        });
      }
    },
  );

  it('a missing space of a recipe is reported with the way to create it', async () => {
    const recipe = {
      save: { chart: 'shop', version: '1.0.0' },
      configs: { package: { independent: true, space: 'platform', chart: 'redis', version: '*' } },
    };
    const response = await registry.orchestrate('platfom', recipe, {});
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({
      code: 'space.notFound',
      message: expect.stringMatching(/Did you mean platform\?.*POST \/api\/v1\/spaces\?space=platfom/),
    });
  });
});

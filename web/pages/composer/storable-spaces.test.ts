import { createClient } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { chooseStorable } from './storable-spaces.ts';

/** Creates a client of a registry that answers for each space with a status and a body. */
function createClientOf(spaces: Record<string, [number, object]>) {
  return createClient({
    url: 'http://registry.test',
    retries: 0,
    fetch: async (url) => {
      const [status, body] = spaces[String(url).split('/').at(-1) ?? ''] ?? [
        404,
        { code: 'space.notFound', message: 'There is no such space.' },
      ];
      return Response.json(body, { status });
    },
  });
}

it('suggests neither mirrors nor spaces that are gone', async () => {
  const client = createClientOf({
    own: [200, { name: 'own' }],
    copy: [200, { name: 'copy', mirror: { url: 'https://charts.example.org' } }],
    shared: [200, { name: 'shared' }],
  });
  expect(await chooseStorable(client, ['own', 'gone', 'copy', 'shared'])).toEqual(['own', 'shared']);
});

it('suggests nothing where a space may be left out by an error', async () => {
  const busy = { code: 'service.busy', message: 'Try again.' };
  const client = createClientOf({ own: [200, { name: 'own' }], lost: [503, busy] });
  await expect(chooseStorable(client, ['own', 'lost'])).rejects.toMatchObject({ code: 'service.busy' });
});

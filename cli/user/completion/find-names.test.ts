import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../../client/src/index.ts';
import { createContextStore } from '../contexts/context-store.ts';
import { findNames } from './find-names.ts';

it('names of a hostile registry that a shell would run, or a terminal obey, complete no word', async () => {
  const items = [
    'team',
    '$(touch taken)',
    '`id`',
    'a;b',
    'a b',
    'a\nb',
    'a\u001b[2J',
    '~',
    '--force',
    'web-1.0.0+build',
  ];
  const hostile = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ metadata: { itemsTotal: items.length }, items }));
  });
  await once(hostile.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void hostile.close());
  const address = hostile.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const session = { contexts: createContextStore({}), connect: async () => createClient({ url }) };
  expect(await findNames(session, 'space', '')).toEqual(['team', 'web-1.0.0+build']);
  expect(await findNames(session, 'address', 'te')).toEqual(['team/', 'web-1.0.0+build/']);
});

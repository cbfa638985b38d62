import { expect, it, onTestFinished } from 'vitest';
import { startRegistry } from '../support/registry.ts';

it('refuses an upload of an existing version with 409 and keeps the first archive', async () => {
  const registry = await startRegistry();
  onTestFinished(() => registry.close());
  const upload = (text: string) =>
    registry.upload('lib', { name: 'web', version: '1.0.0', values: { text } });
  expect((await upload('first')).status).toBe(201);
  const second = await upload('second');
  expect(second.status).toBe(409);
  expect(await second.json()).toMatchObject({ code: 'version.exists' });
  const values = await registry.api('/spaces/lib/charts/web/versions/1.0.0/manifests/values');
  expect(await values.json()).toEqual({ text: 'first' });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../support/audit.ts';
import { type GuardedRegistry, startGuarded, type TestToken } from '../support/guarded.ts';

let registry: GuardedRegistry;
let reader: TestToken;

beforeAll(async () => {
  registry = await startGuarded();
  await registry.addSpace('team', 'private');
  const ana = await registry.addUser('ana');
  await registry.setRole(ana, 'team', 'reader');
  reader = await registry.addToken(ana);
});
afterAll(() => registry?.close());

describe('a refused request', () => {
  it('leaves one event, with who was refused which right', async () => {
    const refused = await reader.client.upload('team', { name: 'web', version: '1.0.0' });
    expect(refused.status).toBe(403);
    const [event, ...others] = await eventsOf(registry.admin, 'principal=ana&outcome=denied');
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      action: 'access',
      outcome: 'denied',
      right: 'chart.publish',
      space: 'team',
      door: 'api',
      times: 1,
      principal: { kind: 'user', name: 'ana', credential: 'token', token: { id: reader.id } },
      request: refused.headers.get('x-request-id'),
    });
  });
});

import type { KnownCaller } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { rightsIn, rightsInRegistry } from './rights.ts';

const caller = (changes: Partial<KnownCaller>): KnownCaller => ({
  kind: 'user',
  name: 'ana',
  credential: 'session',
  registryRoles: [],
  spaces: [],
  bounds: null,
  token: null,
  ...changes,
});

it('offers the webhooks of a space to maintainers, and the rest of it to owners', () => {
  const inDemo = (role: KnownCaller['spaces'][number]['role']) =>
    rightsIn(caller({ spaces: [{ space: 'demo', role }] }), 'demo');
  expect(inDemo('publisher')).toEqual({ webhooks: false, owner: false, audit: false });
  expect(inDemo('maintainer')).toEqual({ webhooks: true, owner: false, audit: false });
  expect(inDemo('owner')).toEqual({ webhooks: true, owner: true, audit: true });
  const elsewhere = caller({ spaces: [{ space: 'other', role: 'owner' }] });
  expect(rightsIn(elsewhere, 'demo')).toEqual({ webhooks: false, owner: false, audit: false });
});

it('offers admins everything, auditors the audit, and creators new spaces', () => {
  const admin = caller({ registryRoles: ['admin'] });
  expect(rightsIn(admin, 'demo')).toEqual({ webhooks: true, owner: true, audit: true });
  expect(rightsInRegistry(admin)).toEqual({ principals: true, audit: true, spaces: true });
  const auditor = caller({ registryRoles: ['auditor'] });
  expect(rightsIn(auditor, 'demo')).toEqual({ webhooks: false, owner: false, audit: true });
  expect(rightsInRegistry(auditor)).toEqual({ principals: false, audit: true, spaces: false });
  const creator = caller({ registryRoles: ['creator'] });
  expect(rightsInRegistry(creator)).toEqual({ principals: false, audit: false, spaces: true });
});

it('offers webhooks alone where access is open, and strangers nothing', () => {
  const nothing = { webhooks: false, owner: false, audit: false };
  expect(rightsIn({ kind: 'open' }, 'demo')).toEqual({ ...nothing, webhooks: true });
  for (const nobody of [undefined, { kind: 'anonymous' } as const]) {
    expect(rightsIn(nobody, 'demo')).toEqual(nothing);
    expect(rightsInRegistry(nobody)).toEqual({ principals: false, audit: false, spaces: false });
  }
});

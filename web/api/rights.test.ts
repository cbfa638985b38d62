import type { KnownCaller } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { rightsInRegistry, rightsInSpace } from './rights.ts';

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

const none = {
  reads: false,
  publishes: false,
  maintains: false,
  configures: false,
  webhooks: false,
  owner: false,
  audit: false,
};
const reader = { ...none, reads: true };
const publisher = { ...reader, publishes: true };
const maintainer = { ...publisher, maintains: true, webhooks: true };
const owner = { ...maintainer, configures: true, owner: true, audit: true };

it('offers each role of a space what it reaches', () => {
  const inDemo = (role: KnownCaller['spaces'][number]['role']) =>
    rightsInSpace(caller({ spaces: [{ space: 'demo', role }] }), 'demo');
  expect(inDemo('reader')).toEqual(reader);
  expect(inDemo('publisher')).toEqual(publisher);
  expect(inDemo('maintainer')).toEqual(maintainer);
  expect(inDemo('owner')).toEqual(owner);
  const elsewhere = caller({ spaces: [{ space: 'other', role: 'owner' }] });
  expect(rightsInSpace(elsewhere, 'demo')).toEqual(none);
});

it('offers admins everything, auditors the audit, and creators new spaces', () => {
  const admin = caller({ registryRoles: ['admin'] });
  expect(rightsInSpace(admin, 'demo')).toEqual(owner);
  expect(rightsInRegistry(admin)).toEqual({ principals: true, audit: true, spaces: true });
  const auditor = caller({ registryRoles: ['auditor'] });
  expect(rightsInSpace(auditor, 'demo')).toEqual({ ...reader, audit: true });
  expect(rightsInRegistry(auditor)).toEqual({ principals: false, audit: true, spaces: false });
  const creator = caller({ registryRoles: ['creator'] });
  expect(rightsInRegistry(creator)).toEqual({ principals: false, audit: false, spaces: true });
});

it('offers all but principals and the audit where access is open, and strangers nothing', () => {
  const open = { kind: 'open' } as const;
  expect(rightsInSpace(open, 'demo')).toEqual({ ...owner, owner: false, audit: false });
  expect(rightsInRegistry(open)).toEqual({ principals: false, audit: false, spaces: true });
  for (const nobody of [undefined, { kind: 'anonymous' } as const]) {
    expect(rightsInSpace(nobody, 'demo')).toEqual(none);
    expect(rightsInRegistry(nobody)).toEqual({ principals: false, audit: false, spaces: false });
  }
});

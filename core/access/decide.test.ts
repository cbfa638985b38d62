import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesChart } from './chart-globs.ts';
import {
  absentSpace,
  type Grants,
  mayInRegistry,
  mayInSpace,
  noGrants,
  roleInSpace,
  type Subject,
} from './decide.ts';
import { anonymousCaller, type Caller, type Narrowing, openCaller } from './principal.ts';
import {
  type RegistryRole,
  type SpaceRight,
  type SpaceRole,
  someChartPlaceholder,
  spaceRights,
  spaceRoles,
  visibilities,
} from './rights.ts';

const rights: SpaceRight[] = Object.keys(spaceRights).filter(
  (right): right is SpaceRight => right in spaceRights,
);

function principal(narrowing?: Narrowing): Caller {
  return {
    kind: 'principal',
    principal: { id: '8f0f5c0e-0000-4000-8000-000000000001', kind: 'user', name: 'ana' },
    credential: 'token',
    ...(narrowing ? { narrowing } : {}),
  };
}

function member(
  role: SpaceRole | undefined,
  narrowing?: Narrowing,
  registryRoles: RegistryRole[] = [],
): Subject {
  const grants: Grants = { registryRoles, spaceRoles: new Map(role === undefined ? [] : [[1, role]]) };
  return { caller: principal(narrowing), grants };
}

/** Lists the rights of a subject in space 1. */
function rightsOf(subject: Subject, visibility: (typeof visibilities)[number]): SpaceRight[] {
  return rights.filter((right) => mayInSpace(subject, right, { id: 1, visibility }, 'web'));
}

const readerRights = ['chart.read', 'job.read'];
const publisherRights = [...readerRights, 'chart.publish'];
const maintainerRights = [
  ...publisherRights,
  'chart.replace',
  'chart.delete',
  'chart.disclose',
  'job.cancel',
  'webhook.manage',
  'retention.manage',
];

describe('rights in a space', () => {
  it.each([
    ['reader', readerRights],
    ['publisher', publisherRights],
    ['maintainer', maintainerRights],
    ['owner', rights],
  ] as const)('a %s of a private space has those of the role', (role, expected) => {
    expect(rightsOf(member(role), 'private')).toEqual(expected);
  });

  it('depend on the visibility for everybody else', () => {
    const nobody = member(undefined);
    const anonymous = { caller: anonymousCaller, grants: noGrants };
    expect(visibilities.map((visibility) => rightsOf(nobody, visibility))).toEqual([
      readerRights,
      readerRights,
      [],
    ]);
    expect(visibilities.map((visibility) => rightsOf(anonymous, visibility))).toEqual([readerRights, [], []]);
  });

  it('rights in a space are all of them for an admin, those of a reader for an auditor, none for a creator', () => {
    expect(rightsOf(member(undefined, undefined, ['admin']), 'private')).toEqual(rights);
    expect(rightsOf(member(undefined, undefined, ['auditor']), 'private')).toEqual(readerRights);
    expect(rightsOf(member(undefined, undefined, ['creator']), 'private')).toEqual([]);
  });

  it('rights in a space that does not exist are those in all spaces', () => {
    expect(mayInSpace(member('owner'), 'chart.read', absentSpace)).toBe(false);
    expect(mayInSpace(member(undefined, undefined, ['admin']), 'chart.read', absentSpace)).toBe(true);
  });

  it('rights in a space are all of them in a registry with open access', () => {
    expect(rightsOf({ caller: openCaller, grants: noGrants }, 'private')).toEqual(rights);
  });
});

describe('a narrowed credential', () => {
  it('a narrowed credential has at most its role', () => {
    expect(rightsOf(member('owner', { role: 'publisher' }), 'private')).toEqual(publisherRights);
    expect(rightsOf(member('reader', { role: 'owner' }), 'private')).toEqual(readerRights);
    expect(rightsOf(member(undefined, { role: 'maintainer' }, ['admin']), 'private')).toEqual(
      maintainerRights,
    );
  });

  it('a narrowed credential has nothing in other spaces but what everybody has', () => {
    const elsewhere = member('owner', { spaceIds: new Set([2]) });
    expect(visibilities.map((visibility) => rightsOf(elsewhere, visibility))).toEqual([readerRights, [], []]);
  });

  it('a narrowed credential has rights for its charts only, and none for all charts of the space', () => {
    const subject = member('maintainer', { charts: ['web-*', 'db'] });
    const space = { id: 1, visibility: 'private' } as const;
    expect(mayInSpace(subject, 'chart.publish', space, 'web-shop')).toBe(true);
    expect(mayInSpace(subject, 'chart.publish', space, 'web')).toBe(false);
    expect(mayInSpace(subject, 'chart.publish', space, someChartPlaceholder)).toBe(true);
    expect(mayInSpace(subject, 'chart.read', space)).toBe(false);
    expect(mayInSpace(subject, 'chart.read', { id: 1, visibility: 'public' })).toBe(true);
  });

  it('a narrowed credential has no right in the registry', () => {
    expect(mayInRegistry(member(undefined, undefined, ['admin']), 'principal.manage')).toBe(true);
    for (const narrowing of [{ role: 'owner' as const }, { spaceIds: new Set([1]) }, { charts: ['*'] }])
      expect(mayInRegistry(member(undefined, narrowing, ['admin']), 'principal.manage')).toBe(false);
  });

  it('never has more rights than its principal', () => {
    const narrowings = fc.record(
      {
        role: fc.constantFrom(...spaceRoles),
        spaceIds: fc.uniqueArray(fc.integer({ min: 1, max: 3 })).map((ids) => new Set(ids)),
        charts: fc.array(fc.constantFrom('*', 'web', 'w*', 'db'), { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    const roles = fc.option(fc.constantFrom(...spaceRoles), { nil: undefined });
    fc.assert(
      fc.property(narrowings, roles, fc.constantFrom(...visibilities), (narrowing, role, visibility) => {
        const own = rightsOf(member(role), visibility);
        expect(own).toEqual(expect.arrayContaining(rightsOf(member(role, narrowing), visibility)));
      }),
    );
  });
});

it('roles of groups and visibility add up to the highest', () => {
  expect(roleInSpace(member('publisher'), { id: 1, visibility: 'public' })).toBe('publisher');
  expect(roleInSpace(member('maintainer', undefined, ['auditor']), { id: 1, visibility: 'private' })).toBe(
    'maintainer',
  );
});

it.each([
  ['*', 'anything', true],
  ['a.c', 'abc', false],
  ['web-?', 'web-1', true],
  ['web-?', 'web-10', false],
  ['Web', 'web', false],
  ['web', 'web2', false],
])('the glob %s for the chart %s: %s', (glob, chart, expected) => {
  expect(matchesChart([glob], chart)).toBe(expected);
});

import { describe, expect, it } from 'vitest';
import { createDraft, createNode, type Draft, type DraftNode } from '../draft.ts';
import type { SourceFacts } from '../sources/source-facts.ts';
import { listSchemaChecks } from './list-schema-checks.ts';
import { locateViolation } from './locate-violation.ts';

const facts = (more: Partial<SourceFacts>): SourceFacts => ({
  ...{ version: '1.0.0', values: {}, ownValues: {}, inside: [], schemasInside: [], dependencies: [] },
  ...more,
});
const sourceOf = (chart: string, subcharts: 'keep' | 'drop' = 'keep') =>
  ({ independent: true, space: 'lib', chart, version: '1.0.0', subcharts }) as const;

/** Draft of an umbrella with a web, which has a chart inside under an alias, and a database. */
function sample(
  change: { root?: string; web?: string; db?: string; subcharts?: 'drop'; condition?: string } = {},
) {
  const web = createNode({
    name: 'web',
    package: sourceOf('web', change.subcharts),
    config: change.web ?? '',
  });
  const db = createNode({ name: 'db', package: sourceOf('postgresql'), config: change.db ?? '' });
  const root = createNode({ name: '', config: change.root ?? '', children: [web, db] });
  const draft: Draft = { ...createDraft('shop'), root };
  const known = new Map<string, SourceFacts>([
    [
      web.id,
      facts({
        schema: 'web',
        values: { replicas: 1, cache: { on: true, size: 1 } },
        ownValues: { cache: { on: true } },
        inside: [{ name: 'redis', version: '1.0.0', keys: ['cache'] }],
        schemasInside: [{ keys: ['cache'], schema: 'redis' }],
        dependencies: [
          {
            name: 'redis',
            alias: 'cache',
            condition: change.condition ?? 'cache.on',
            tags: ['store', 'fast'],
          },
        ],
      }),
    ],
    [db.id, facts({ schema: 'postgresql', values: { auth: { user: 'a' } } })],
  ]);
  const factsOf = (node: DraftNode) => known.get(node.id);
  return { draft, web, db, root, factsOf };
}

const listed = ({ draft, factsOf }: ReturnType<typeof sample>) =>
  listSchemaChecks(draft, factsOf).map(({ keys, schema, values }) => [keys.join('.'), schema, values]);

describe('the checks of a draft', () => {
  it('the checks of a draft are those of each chart, those inside by their alias, with the values that Helm computes', () => {
    const root = 'global: {zone: a}\nweb: {cache: {size: 2}}\ndb: {auth: {user: null}}';
    expect(listed(sample({ root, web: 'replicas: 2\ncache: {size: 3}' }))).toEqual([
      [
        'web',
        'web',
        { replicas: 2, cache: { on: true, size: 3, global: { zone: 'a' } }, global: { zone: 'a' } },
      ],
      ['web.cache', 'redis', { on: true, size: 3, global: { zone: 'a' } }],
      ['db', 'postgresql', { auth: {}, global: { zone: 'a' } }],
    ]);
  });

  it('leave out a chart that is dropped, or that a condition switches off', () => {
    const dropped = listed(sample({ subcharts: 'drop' }));
    expect(dropped.map(([keys]) => keys)).toEqual(['web', 'db']);
    expect(dropped[0]?.[2]).toEqual({ replicas: 1, cache: { on: true }, global: {} });
    expect(listed(sample({ root: 'web: {cache: {on: false}}' })).map(([keys]) => keys)).toEqual([
      'web',
      'db',
    ]);
  });

  it('the checks leave out a chart by tags of the root, unless a tag is true or its condition decides', () => {
    const condition = 'cache.unset';
    const names = (change: Parameters<typeof sample>[0]) => listed(sample(change)).map(([keys]) => keys);
    expect(names({ condition, root: 'tags: {store: false}' })).toEqual(['web', 'db']);
    expect(names({ condition, root: 'tags: {store: false, fast: true}' })).toContain('web.cache');
    expect(names({ condition, web: 'tags: {store: false}' })).toContain('web.cache');
    expect(names({ root: 'tags: {store: false}' })).toContain('web.cache');
  });

  it('the checks of a draft are none for literal values, and without defaults where these are replaced', () => {
    const { draft, factsOf } = sample({ db: 'a: 1' });
    expect(listSchemaChecks({ ...draft, values: 'literal' }, factsOf)).toEqual([]);
    const [, , db] = listSchemaChecks({ ...draft, values: 'replace' }, factsOf);
    expect(db?.values).toEqual({ a: 1, global: {} });
  });
});

describe('a violation stands', () => {
  const place = (change: Parameters<typeof sample>[0], pointer: string) => {
    const made = sample(change);
    const check = listSchemaChecks(made.draft, made.factsOf).find(({ schema }) => schema === 'postgresql');
    if (!check) throw new Error('the database has a check');
    const { node, fault } = locateViolation(made.root, check, { pointer, message: 'is wrong' });
    return [node.name, fault.line, fault.pointer, fault.message];
  };

  it('at the node that sets the value, the innermost first', () => {
    expect(place({ db: '# note\nauth:\n  user: 1' }, '/auth/user')).toEqual([
      'db',
      3,
      '/auth/user',
      'auth.user is wrong',
    ]);
    expect(place({ root: 'db: {auth: {user: 1}}', db: 'auth: {user: 2}' }, '/auth/user')[0]).toBe('db');
    expect(place({ root: 'a: 1\ndb:\n  auth: {user: 1}' }, '/auth/user')).toEqual([
      '',
      3,
      '/db/auth/user',
      'db.auth.user is wrong',
    ]);
  });

  it('at the node of the chart where a default is wrong', () => {
    expect(place({ db: 'x: 1' }, '/auth/user')).toEqual(['db', 1, '/auth/user', 'auth.user is wrong']);
    expect(place({}, '')).toEqual(['db', 1, '', 'The map is wrong']);
  });
});

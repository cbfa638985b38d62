import { describe, expect, it } from 'vitest';
import { describeTreeChange } from './describe-tree-change.ts';
import { createDraft, createNode, type Draft, eachNode } from './draft.ts';
import { fromRecipe } from './draft-of-recipe.ts';
import {
  addChart,
  changeNode,
  chooseFreeName,
  createSourceOfFoundChart,
  describeNameFault,
  moveNode,
  nextPatchVersion,
  removeNode,
} from './edit-draft.ts';
import { toConfigFault } from './fault-place.ts';
import { nodeIdAt, readConfig, readConfigOfNode, toRecipe } from './recipe-of-draft.ts';
import { readRecipe, writeCurl, writeRecipe } from './recipe-text.ts';

const web = { independent: true, space: 'lib', chart: 'web', version: '^1.2.0', subcharts: 'keep' } as const;

/** Draft of a root with two charts, the second with one below it. */
function sample(): { draft: Draft; ids: Record<string, string> } {
  const draft = createDraft('shop');
  const first = addChart(draft.root, draft.root.id, web);
  const second = addChart(first.root, draft.root.id, { ...web, chart: 'db' });
  const third = addChart(second.root, second.id, { ...web, chart: 'metrics' });
  return {
    draft: { ...draft, chart: 'shop', root: third.root },
    ids: { root: draft.root.id, web: first.id, db: second.id, metrics: third.id },
  };
}

const shapeOf = (root: Draft['root']): unknown => [root.name, ...root.children.map(shapeOf)];

describe('the tree of a draft', () => {
  it('tells what has changed between two trees', () => {
    const { draft, ids } = sample();
    const { root } = draft;
    const { root: rootId = '', web: webId = '', db = '', metrics = '' } = ids;
    const tell = (after: Draft['root'], selected = rootId) => describeTreeChange(root, after, selected);
    expect(tell(root)).toBe('');
    const added = addChart(root, db, web);
    expect(tell(added.root, added.id)).toBe('web is added below db.');
    expect(tell(removeNode(root, db), webId)).toBe('db is removed.');
    const renamed = changeNode(root, metrics, (node) => ({ ...node, name: 'stats' }));
    expect(tell(renamed, metrics)).toBe('metrics is called stats.');
    expect(tell(moveNode(root, db, 'up'), db)).toBe('db is 1 of 2 below the root.');
    expect(tell(moveNode(root, db, 'in'), db)).toBe('db is 1 of 1 below web.');
    expect(tell({ ...root, package: web })).toBe('The root begins with lib/web.');
    expect(describeTreeChange({ ...root, package: web }, root, rootId)).toBe('The root is an umbrella.');
    expect(tell(createDraft('shop').root)).toBe('The recipe has 0 charts below the root.');
  });

  it('gives a second chart of one name the next free name', () => {
    const { draft, ids } = sample();
    const { root } = addChart(draft.root, ids.root ?? '', web);
    expect(root.children.map(({ name }) => name)).toEqual(['web', 'db', 'web-2']);
    expect(chooseFreeName(root, 'web')).toBe('web-3');
  });

  it.each([
    ['up', ['', ['db', ['metrics']], ['web']]],
    ['in', ['', ['web', ['db', ['metrics']]]]],
    ['out', ['', ['web'], ['db', ['metrics']]]],
    ['down', ['', ['web'], ['db', ['metrics']]]],
  ] as const)('moves a node %s, or leaves it where there is no such place', (move, expected) => {
    const { draft, ids } = sample();
    expect(shapeOf(moveNode(draft.root, ids.db ?? '', move))).toEqual(expected);
  });

  it('moves a node out to the level of its parent', () => {
    const { draft, ids } = sample();
    expect(shapeOf(moveNode(draft.root, ids.metrics ?? '', 'out'))).toEqual([
      '',
      ['web'],
      ['db'],
      ['metrics'],
    ]);
  });

  it('removes a node with all below it, and never the root', () => {
    const { draft, ids } = sample();
    expect(shapeOf(removeNode(draft.root, ids.db ?? ''))).toEqual(['', ['web']]);
    expect(removeNode(draft.root, ids.root ?? '')).toBe(draft.root);
  });

  it.each(['', 'package', '_config', 'web'])('refuses “%s” as the name of a node', (name) => {
    const { draft } = sample();
    const [, , db] = [...eachNode(draft.root)];
    expect(describeNameFault(draft.root, db ?? createNode({ name: '' }), name)).toBeDefined();
  });
});

describe('the recipe of a draft', () => {
  it('the recipe of a draft has the space of a source only where it is another, and subcharts only where they are kept', () => {
    const { draft, ids } = sample();
    const { recipe, pointers } = toRecipe({ ...draft, space: 'lib' });
    expect(recipe).toEqual({
      save: { chart: 'shop', version: '0.1.0' },
      configs: {
        web: { package: { independent: true, chart: 'web', version: '^1.2.0', subcharts: 'keep' } },
        db: {
          package: { independent: true, chart: 'db', version: '^1.2.0', subcharts: 'keep' },
          metrics: { package: { independent: true, chart: 'metrics', version: '^1.2.0', subcharts: 'keep' } },
        },
      },
    });
    expect(nodeIdAt(pointers, '/configs/db/metrics/package/version')).toBe(ids.metrics);
    expect(nodeIdAt(pointers, '/save/version')).toBeUndefined();
  });

  it('the recipe of a draft comes back as the same recipe, also with keys that the form does not show', () => {
    const recipe = {
      save: { chart: 'shop', version: '1.0.0', keywords: ['a'], follow: { next: 'patch' }, from: ['lib'] },
      configs: {
        _config: { global: { a: null } },
        'a/b~c': {
          package: { independent: false, chart: 'x', version: '1.x' },
          _config: { b: [1, { c: 2 }] },
        },
      },
      callback: { url: 'https://example.com/' },
    };
    const back = toRecipe(fromRecipe(recipe, 'shop'));
    expect(back.recipe).toEqual(recipe);
    expect([...back.pointers.keys()]).toEqual(['/configs', '/configs/a~1b~0c']);
  });

  it.each([
    [null, ''],
    [{ save: { chart: 1 } }, '/save/chart'],
    [{ save: { values: 'mix' } }, '/save/values'],
    [{ configs: { db: {} } }, '/configs/db'],
    [{ configs: { db: { package: { version: 1.1 } } } }, '/configs/db/package/version'],
    [{ configs: { _config: [1] } }, '/configs/_config'],
  ])('is refused with its place where the form could not show it (%#)', (recipe, pointer) => {
    expect(() => fromRecipe(recipe, 'shop')).toThrow(expect.objectContaining({ pointer }));
  });

  it.each([
    ['a: 1\nb: [', 2],
    ['a: 1\na: 2', 2],
    ['- list', 1],
    ['text', 1],
  ])('tells the line of values that cannot be read (%#)', (text, line) => {
    expect(readConfig(text)).toEqual({ fault: { message: expect.any(String), line } });
  });

  it('the configuration of a node is read once, until its text changes', () => {
    const node = createNode({ name: 'web', config: 'replicas: 1' });
    const config = readConfigOfNode(node);
    expect(config).toEqual({ value: { replicas: 1 } });
    expect(readConfigOfNode(node)).toBe(config);
    node.config = 'replicas: 2';
    expect(readConfigOfNode(node)).toEqual({ value: { replicas: 2 } });
  });

  it('the recipe of a draft has no configuration where nothing but comments is typed', () => {
    expect(readConfig('# nothing yet\n')).toEqual({ value: undefined });
  });
});

it.each([
  ['/configs/db/_config/auth/user', 3],
  ['/configs/db/_config/auth/missing', 2],
  ['/configs/db/_config', 1],
  ['/configs/db/_config/list/1', 6],
])('finds the line of an error at %s', (pointer, line) => {
  const text = '# values\nauth:\n  user: 1\nlist:\n  - a\n  - b\n';
  expect(toConfigFault(text, pointer, '/configs/db/_config', 'no')).toEqual({ message: 'no', line });
});

it('leaves an error about something else', () => {
  expect(toConfigFault('a: 1', '/configs/db/_configs/a', '/configs/db/_config', 'no')).toBeUndefined();
});

describe('the text of a recipe', () => {
  const { recipe } = toRecipe(sample().draft);

  it.each(['yaml', 'json'] as const)('the text of a recipe is read again from %s', (format) => {
    expect(readRecipe(writeRecipe(recipe, format))).toEqual(recipe);
  });

  it('the text of a recipe is a command whose quotes a shell reads', () => {
    const quoted = { ...recipe, save: { ...recipe.save, description: "the shop's" } };
    expect(writeCurl(quoted, 'my space', 'https://charts.example.com')).toContain("the shop'\\''s");
    expect(writeCurl(recipe, 'my space', 'https://h')).toContain(
      'https://h/api/v1/spaces/my%20space/compositions',
    );
  });
});

it('begins with the newest version of a chart and those that are compatible', () => {
  const found = { space: 'lib', chart: 'web', version: '1.2.0', description: 'x' };
  expect(createSourceOfFoundChart(found)).toEqual({
    independent: true,
    space: 'lib',
    chart: 'web',
    version: '^1.2.0',
    subcharts: 'keep',
  });
});

it.each([
  ['1.2.3', '1.2.4'],
  ['1.2.3-rc.1', '1.2.3'],
  ['1.2.3+b', '1.2.4'],
  ['odd', 'odd'],
])('raises the patch of %s to %s', (version, next) => {
  expect(nextPatchVersion(version)).toBe(next);
});

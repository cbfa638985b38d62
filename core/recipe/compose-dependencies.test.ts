import { describe, expect, it } from 'vitest';
import { makeChart } from './compose.fixture.ts';
import { composeDependencies } from './compose-dependencies.ts';
import type { ResolvedNode } from './resolve-tree.ts';

function child(name: string, chart = name, version = '1.2.3'): ResolvedNode {
  return { name, pointer: '', source: makeChart({ name: chart, version }), children: [] };
}

describe('composeDependencies', () => {
  it('composeDependencies declares each child once, with its name and version', () => {
    expect(composeDependencies([], [child('a', 'x', 'v1.0'), child('b')])).toEqual([
      { name: 'a', version: 'v1.0' },
      { name: 'b', version: '1.2.3' },
    ]);
  });

  it("composeDependencies keeps the keys of a child's entry, but not its repository", () => {
    const entry = {
      name: 'db',
      version: '1.x.x',
      repository: 'https://example.com',
      condition: 'db.enabled',
      tags: ['back'],
      'import-values': ['data', { child: 'a', parent: 'b' }],
      enabled: true,
      extra: { own: 1 },
    };
    const { repository: _, ...kept } = entry;
    expect(composeDependencies([entry], [child('db')])).toEqual([{ ...kept, version: '1.2.3' }]);
  });

  it('composeDependencies drops entries of subcharts that are not children', () => {
    expect(composeDependencies([{ name: 'db', version: '1' }], [])).toEqual([]);
  });

  it("composeDependencies keeps the source's order and appends new entries by name", () => {
    const declared = [{ name: 'z' }, { name: 'gone' }, { name: 'b' }];
    const names = composeDependencies(declared, [child('a'), child('b'), child('c'), child('z')]);
    expect(names.map(({ name }) => name)).toEqual(['z', 'b', 'a', 'c']);
  });

  it('a child gets its entry by alias, then by name, then by the name of its source chart', () => {
    const declared = [
      { name: 'db', condition: 'third' },
      { name: 'db', alias: 'main', condition: 'first' },
      { name: 'cache', condition: 'second' },
    ];
    expect(
      composeDependencies(declared, [child('cache'), child('main', 'db'), child('other', 'db')]),
    ).toEqual([
      { name: 'other', version: '1.2.3', condition: 'third' },
      { name: 'main', version: '1.2.3', condition: 'first' },
      { name: 'cache', version: '1.2.3', condition: 'second' },
    ]);
  });

  it('an entry goes to one child only, first to the child of its name', () => {
    const declared = [{ name: 'db', condition: 'db.enabled' }];
    expect(composeDependencies(declared, [child('a', 'db'), child('db')])).toEqual([
      { name: 'db', version: '1.2.3', condition: 'db.enabled' },
      { name: 'a', version: '1.2.3' },
    ]);
    expect(composeDependencies(declared, [child('a', 'db'), child('b', 'db')])).toEqual([
      { name: 'a', version: '1.2.3', condition: 'db.enabled' },
      { name: 'b', version: '1.2.3' },
    ]);
  });

  it("an aliased entry does not go to a child that has the chart's name", () => {
    const declared = [
      { name: 'db', alias: 'main', condition: 'main.enabled' },
      { name: 'db', tags: ['x'] },
    ];
    expect(composeDependencies(declared, [child('db')])).toEqual([
      { name: 'db', version: '1.2.3', tags: ['x'] },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { makeChart } from './compose.fixture.ts';
import { composeDependencies } from './compose-dependencies.ts';
import type { ResolvedNode } from './resolve-tree.ts';

function child(name: string, chart = name, version = '1.2.3'): ResolvedNode {
  return { name, pointer: '', source: makeChart({ name: chart, version }), children: [] };
}

describe('composeDependencies', () => {
  it('declares each child once, under its name and with its version', () => {
    expect(composeDependencies([], [child('a', 'x', 'v1.0'), child('b')])).toEqual([
      { name: 'a', version: 'v1.0' },
      { name: 'b', version: '1.2.3' },
    ]);
  });

  it('keeps what the source says about a child, but not where it came from', () => {
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

  it('drops entries of what is no child', () => {
    expect(composeDependencies([{ name: 'db', version: '1' }], [])).toEqual([]);
  });

  it('keeps the order of the source, and puts new ones behind by name', () => {
    const declared = [{ name: 'z' }, { name: 'gone' }, { name: 'b' }];
    const names = composeDependencies(declared, [child('a'), child('b'), child('c'), child('z')]);
    expect(names.map(({ name }) => name)).toEqual(['z', 'b', 'a', 'c']);
  });

  it('finds the entry by alias first, then by name, then by the name of the source chart', () => {
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

  it('gives an entry to one child only, and to the one that has its name', () => {
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

  it("does not take an aliased entry for a child that has the chart's name", () => {
    const declared = [
      { name: 'db', alias: 'main', condition: 'main.enabled' },
      { name: 'db', tags: ['x'] },
    ];
    expect(composeDependencies(declared, [child('db')])).toEqual([
      { name: 'db', version: '1.2.3', tags: ['x'] },
    ]);
  });
});

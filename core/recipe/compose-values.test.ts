import { describe, expect, it } from 'vitest';
import { type JsonObject, setKey } from '../yaml/json.ts';
import { makeChart } from './compose.fixture.ts';
import { composeValues } from './compose-values.ts';
import type { ResolvedNode } from './resolve-tree.ts';

function node(name: string, config?: JsonObject, children: ResolvedNode[] = [], values = ''): ResolvedNode {
  return { name, pointer: '', source: makeChart({ name, values }), ...(config ? { config } : {}), children };
}

function merge(values: string, config: JsonObject | undefined, ...children: ResolvedNode[]): JsonObject {
  return composeValues(node('shop', config, children, values), 'merge');
}

describe('composeValues, merge', () => {
  it('merge combines maps and replaces anything else', () => {
    const values = 'a: {x: 1, w: [1, 2], z: {q: 1}}\nb: 1\nc: {d: 1}\n';
    expect(merge(values, { a: { x: 2, w: [3] }, b: { n: 1 }, c: 'text', e: [] })).toEqual({
      a: { x: 2, w: [3], z: { q: 1 } },
      b: { n: 1 },
      c: 'text',
      e: [],
    });
  });

  it("a null in the root's configuration removes the root's value", () => {
    expect(merge('a: {x: 1, w: 2}\nb: 1\n', { a: { x: null, none: null }, b: null, c: null })).toEqual({
      a: { w: 2 },
    });
  });

  it("a null below a child's name removes the root's value; the child's default goes from its own file", () => {
    const db = node('db', { x: null, deep: { y: null } });
    expect(merge('db: {x: 1, z: 1}\n', { db: { z: null } }, db)).toEqual({
      db: { deep: {} },
    });
  });

  it("a null for a child's section removes it, and the child's configuration takes its place", () => {
    expect(merge('db: {x: 1}\n', { db: null }, node('db'))).toEqual({});
    expect(merge('db: {x: 1}\n', { db: null }, node('db', { y: 2 }))).toEqual({ db: { y: 2 } });
    const db = node('db', { common: null }, [node('common', { z: 1 })]);
    expect(merge('db: {common: {x: 1}}\n', undefined, db)).toEqual({ db: { common: { z: 1 } } });
  });

  it('a null in `global` stays for subcharts, unless it removes a value of the root', () => {
    expect(merge('global: {a: 1}\n', { global: { a: null, b: null } })).toEqual({ global: { b: null } });
  });

  it('the configuration of children is merged under their names at every depth', () => {
    const db = node('db', { user: 'me' }, [node('common', { debug: true })]);
    expect(merge('a: 1\n', undefined, db)).toEqual({ a: 1, db: { user: 'me', common: { debug: true } } });
  });

  it("a child's configuration wins over its parent's, and that over the source's values", () => {
    const db = node('db', { b: 'db', c: 'db' }, [node('common', { c: 'common' })]);
    const config = { db: { a: 'root', b: 'root', common: { a: 'root', c: 'root' } } };
    expect(merge('db: {a: source, z: source}\n', config, db)).toEqual({
      db: { a: 'root', b: 'db', c: 'db', z: 'source', common: { a: 'root', c: 'common' } },
    });
  });

  it('values under the names of children are maps or absent, since Helm fails on anything else', () => {
    const db = node('db', undefined, [node('common', { a: 1 })]);
    expect(merge('db: off\ncache:\n', undefined, node('cache'), node('db', { a: 1 }))).toEqual({
      db: { a: 1 },
    });
    expect(merge('db: {common: [1]}\n', undefined, db)).toEqual({ db: { common: { a: 1 } } });
    expect(merge('db: {}\n', undefined, node('db'))).toEqual({ db: {} });
  });

  it("composeValues does not change the source's values or the plan's", () => {
    const config = { db: { a: { b: 1 } } };
    const root = node('shop', config, [node('db', { a: { c: 2 } })], 'db: {a: {d: 3}}\n');
    composeValues(root, 'merge');
    expect(config).toEqual({ db: { a: { b: 1 } } });
    expect(root.source.values).toEqual({ db: { a: { d: 3 } } });
  });

  it('composeValues treats __proto__ as an ordinary key', () => {
    const config: JsonObject = {};
    setKey(config, '__proto__', { polluted: true });
    const values = merge('a: 1\n', config, node('constructor', { b: 1 }));
    expect(JSON.stringify(values)).toBe('{"a":1,"__proto__":{"polluted":true},"constructor":{"b":1}}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('new keys are sorted by name, whatever their order in the recipe', () => {
    const one = merge('z: 1\n', { d: [{ y: 1, x: 2 }], c: { b: 1, a: 2 } });
    const other = merge('z: 1\n', { c: { a: 2, b: 1 }, d: [{ x: 2, y: 1 }] });
    expect(JSON.stringify(one)).toBe('{"z":1,"c":{"a":2,"b":1},"d":[{"x":2,"y":1}]}');
    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
  });
});

describe('composeValues, replace', () => {
  it('replace yields only the values of the recipe', () => {
    const db = node('db', { user: 'me', none: null }, [node('common')], 'port: 1\n');
    const root = node('shop', { a: { b: 1 }, gone: null }, [db], 'a: {c: 2}\n');
    expect(composeValues(root, 'replace')).toEqual({ a: { b: 1 }, db: { user: 'me' } });
  });
});

describe('composeValues, literal', () => {
  it('literal yields a map for every child, with its _config if it has one, nulls included', () => {
    const db = node('db', { user: null }, [node('common')]);
    const root = node('shop', { a: null }, [db, node('cache', {})], 'a: 1\n');
    expect(composeValues(root, 'literal')).toEqual({
      _config: { a: null },
      db: { _config: { user: null }, common: {} },
      cache: { _config: {} },
    });
  });
});

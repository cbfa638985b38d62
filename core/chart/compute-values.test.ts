import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { coalesceValues } from './coalesce.ts';
import { computeValues } from './compute-values.ts';

function chart(
  name: string,
  values: JsonObject,
  subcharts: Chart[] = [],
  declared: JsonObject[] = [],
  more: Partial<Chart> = {},
): Chart {
  const dependencies = declared.map(
    (entry): Dependency => ({ version: '1.0.0', ...entry, name: `${entry.name}` }),
  );
  const files = new Map();
  return {
    name,
    version: '1.0.0',
    manifest: {},
    apiVersion: 'v2',
    dependencies,
    values,
    files,
    subcharts,
    ...more,
  };
}

/** Values that both majors compute, which are to be the same. */
function both(source: Chart, given: JsonObject = {}): JsonObject {
  const { values } = computeValues(source, { major: 3, given });
  expect(computeValues(source, { major: 4, given }).values).toEqual(values);
  return values;
}

describe('computeValues', () => {
  const sub = chart('sub', { svc: { port: 80 }, exports: { data: { x: 1 } } });

  it('tells of a section that the chart itself says is null, at which Helm fails while it imports', () => {
    const root = (more: JsonObject[]) => chart('root', { sub: null }, [sub], more);
    for (const major of [3, 4] as const) {
      expect(computeValues(root([{ name: 'sub' }]), { major }).mismatches).toEqual([['sub']]);
      const above = chart('above', {}, [root([{ name: 'sub' }])], [{ name: 'root' }]);
      expect(computeValues(above, { major }).mismatches).toContainEqual(['root', 'sub']);
    }
  });

  it('imports by either form, beneath what the parent says', () => {
    const imports = { name: 'sub', 'import-values': ['data', { child: 'svc', parent: 'mine' }] };
    expect(both(chart('root', { mine: { type: 'A' } }, [sub], [imports]))).toEqual({
      mine: { type: 'A', port: 80 },
      x: 1,
      sub: { svc: { port: 80 }, exports: { data: { x: 1 } }, global: {} },
    });
    expect(both(chart('root', { x: 2 }, [sub], [imports]))).toMatchObject({ x: 2, mine: { port: 80 } });
  });

  it('imports what was imported below, under an alias', () => {
    const mid = chart('mid', {}, [sub], [{ name: 'sub', alias: 's', 'import-values': ['data'] }]);
    const root = chart(
      'root',
      {},
      [mid],
      [{ name: 'mid', alias: 'm', 'import-values': [{ child: 's.svc', parent: 'deep.port' }] }],
    );
    expect(both(root)).toMatchObject({ deep: { port: { port: 80 } }, m: { x: 1, s: { exports: {} } } });
  });

  it("imports the charts' own values, whatever a user sets", () => {
    const root = chart('root', {}, [sub], [{ name: 'sub', 'import-values': ['data'] }]);
    expect(both(root, { sub: { exports: { data: { x: 5 } } } })).toMatchObject({
      x: 1,
      sub: { exports: { data: { x: 5 } } },
    });
  });

  it('imports nothing of a subchart that a condition or a tag switches off, and leaves its values out', () => {
    const off = (entry: JsonObject) =>
      chart(
        'root',
        { sub: { on: false }, tags: { t: false } },
        [sub],
        [{ name: 'sub', 'import-values': ['data'], ...entry }],
      );
    for (const entry of [
      { condition: 'sub.on' },
      { tags: ['t'] },
      { condition: 'none,sub.on', tags: ['u'] },
    ]) {
      expect(both(off(entry))).toEqual({ sub: { on: false }, tags: { t: false } });
    }
    expect(both(off({ condition: 'sub.on' }), { sub: { on: true } })).toMatchObject({ x: 1 });
  });

  it('removes what a user sets to null, for one of two aliases too', () => {
    const twice = chart(
      'root',
      {},
      [sub],
      [
        { name: 'sub', alias: 'one' },
        { name: 'sub', alias: 'two' },
      ],
    );
    const { one, two } = both(twice, { one: { svc: { port: null } } });
    expect(one).toMatchObject({ svc: {} });
    expect(two).toMatchObject({ svc: { port: 80 } });
  });

  it("keeps nulls of a chart's own in Helm 3 and leaves them out in Helm 4", () => {
    const root = chart('root', { none: null, sub: { svc: null } }, [sub]);
    expect(computeValues(root, { major: 3 }).values).toMatchObject({ none: null, sub: { exports: {} } });
    expect(computeValues(root, { major: 3 }).values.sub).not.toHaveProperty('svc');
    const four = computeValues(root, { major: 4 }).values;
    expect(four).not.toHaveProperty('none');
    expect(four).toMatchObject({ sub: { svc: { port: 80 } } });
  });

  it('reads the first document in Helm 3, and all in Helm 4', () => {
    const root = chart('root', { a: 1, b: 2 }, [], [], { firstValues: { a: 1 } });
    expect(computeValues(root, { major: 3 }).values).toEqual({ a: 1 });
    expect(computeValues(root).values).toEqual({ a: 1, b: 2 });
  });

  it('loses in Helm 3 what the second alias of one chart imports', () => {
    const mid = chart('mid', {}, [sub], [{ name: 'sub', 'import-values': ['data'] }]);
    const root = chart(
      'root',
      {},
      [mid],
      [
        { name: 'mid', alias: 'one' },
        { name: 'mid', alias: 'two' },
      ],
    );
    expect(computeValues(root, { major: 4 }).values).toMatchObject({ one: { x: 1 }, two: { x: 1 } });
    expect(computeValues(root, { major: 3 }).values).toMatchObject({ one: { x: 1 } });
    expect(computeValues(root, { major: 3 }).values.two).not.toHaveProperty('x');
  });

  it('names subcharts whose values are no map, where Helm fails', () => {
    expect(computeValues(chart('root', { sub: 'x' }, [sub])).mismatches).toEqual([['sub']]);
    expect(computeValues(chart('root', {}, [sub])).mismatches).toEqual([]);
  });

  it('leaves what conditions look into as it was, for those who want all', () => {
    const root = chart('root', { sub: { on: false } }, [sub], [{ name: 'sub', condition: 'sub.on' }]);
    expect(coalesceValues(root)).toMatchObject({ sub: { on: false, svc: { port: 80 } } });
  });
});

import { describe, expect, it } from 'vitest';
import { CommandError } from '../command-error.ts';
import { parseSet, toRecipeConfig } from './parse-set.ts';
import { setInRecipe } from './set-in-recipe.ts';

describe('--set', () => {
  it.each([
    ['a=1', ['a'], 1],
    ['a.b=true', ['a', 'b'], true],
    ['a=null', ['a'], null],
    ['a=', ['a'], ''],
    ['a=b=c', ['a'], 'b=c'],
    ['a=1.5', ['a'], '1.5'],
    ['a=0644', ['a'], '0644'],
    ['a=9007199254740993', ['a'], '9007199254740993'],
    ['a\\.b.c=x,y', ['a.b', 'c'], 'x,y'],
  ])('reads %s as Helm does', (pair, path, value) => {
    expect(parseSet(pair)).toEqual({ path, value });
  });

  it.each(['a', '=1', 'a..b=1', '.a=1', 'a[0]=1'])('--set refuses %s', (pair) => {
    expect(() => parseSet(pair)).toThrow(CommandError);
  });

  it('makes a map of values, of which a later one wins, also for keys that JavaScript knows', () => {
    const sets = ['a.b=1', 'a.c=2', 'a.b=3', '__proto__.x=1', 'd=1', 'd.e=2'].map((pair) => parseSet(pair));
    expect(JSON.stringify(toRecipeConfig(sets))).toBe('{"a":{"b":3,"c":2},"__proto__":{"x":1},"d":{"e":2}}');
  });
});

describe('setting values in a recipe', () => {
  const recipe = `# ours
save: { chart: shop, version: 1.0.0 }
configs:
  package: &web {independent: true, chart: web, version: '1'}
  _config:
    mode: 0644   # kept
    on: yes
    text: |
      lines
    alias: *web
`;

  it('keeps comments, quotes and plain scalars as they stand', () => {
    const changed = setInRecipe(
      recipe,
      ['replicas=3', 'image.tag=1.10', 'off=false'].map((pair) => parseSet(pair)),
    );
    expect(changed).toContain('mode: 0644 # kept\n');
    expect(changed).toContain('on: yes\n');
    expect(changed).toContain('alias: *web\n');
    expect(changed).toContain("version: '1'");
    expect(changed).toContain('replicas: 3\n');
    expect(changed).toContain('tag: "1.10"\n');
    expect(changed).toContain('off: false\n');
    expect(setInRecipe(recipe, [])).toBe(recipe);
  });

  it('makes the maps on the way, in place of scalars and of nothing', () => {
    expect(setInRecipe('configs:\n', [parseSet('a.b=1')])).toBe('configs:\n  _config:\n    a:\n      b: 1\n');
    expect(setInRecipe('{"configs": {"_config": {"a": 1}}}', [parseSet('a.b=1')])).toBe(
      '{ "configs": { "_config": { "a": { b: 1 } } } }\n',
    );
  });

  it.each(['a: [', '- a', 'configs: &c {}\nother: 1\n_x: *d'])(
    'setting values refuses the recipe %j',
    (text) => {
      expect(() => setInRecipe(text, [parseSet('a=1')])).toThrow(CommandError);
    },
  );

  it('refuses to change what an alias stands for', () => {
    expect(() => setInRecipe(recipe, [parseSet('alias.version=2')])).toThrow(/alias/);
  });
});

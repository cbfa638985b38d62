import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorOf, jobOf, jobsOf, lineageOf, planOf } from '../support/answers.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({});
  await registry.upload('lib', { name: 'web', version: '1.2.3', values: { replicas: 1 } });
  await registry.upload('lib', { name: 'db', version: '2.0.0' });
  await registry.upload('lib', {
    name: 'strict',
    version: '1.0.0',
    values: { size: 1 },
    files: { 'values.schema.json': '{"additionalProperties":{"type":"integer"}}' },
  });
  const dependencies = [{ name: 'nowhere', version: '^1', repository: 'https://charts.test' }];
  await registry.upload('lib', { name: 'gap', version: '1.0.0', manifest: { dependencies } });
});
afterAll(() => registry.close());

const send = (body: string, query = '', headers: Record<string, string> = {}) =>
  registry.api(`/spaces/lib/charts${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/yaml', ...headers },
    body,
  });

const base = `# The shop.
save:
  chart: shop
  version: 1.0.0
configs:
  package: &web
    independent: true
    space: lib
    chart: web
    version: 1.2.3
  _config:
    replicas: 3
    hosts:
      - a
      - name: b
  db:
    package:
      <<: *web
      chart: db
      version: 2.0.0
    _config:
      user:
        name: shop
callback:
  url: https://example.com/done
`;

/** Marks the place of a mistake in a text; it is taken out before the text is sent. */
const mark = '▶';

function take(marked: string): { text: string; place: { line: number; column: number } } {
  const lines = marked.slice(0, marked.indexOf(mark)).split('\n');
  // Characters are counted, not UTF-16 units.
  const place = { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
  return { text: marked.replace(mark, ''), place };
}

/** Makes a mistake in the recipe above. */
function mistake(right: string, wrong: string): string {
  if (!base.includes(right)) throw new Error(`the recipe has no ${right}`);
  return base.replace(right, () => wrong);
}

/** Mistakes: what, the text with its mark, the code and the pointer of the error, and a part of its message. */
const mistakes: [string, string, string, string, string][] = [
  // Spelling of YAML.
  ['a tab', mistake('  chart: shop', '▶\tchart: shop'), 'request.notYaml', '/save', 'Use spaces'],
  [
    'a tab behind spaces',
    mistake('    hosts:', '  ▶\t  hosts:'),
    'request.notYaml',
    '/configs/_config/replicas',
    'Use spaces',
  ],
  [
    'a tab before an item',
    mistake('      - a\n', '▶\t- a\n'),
    'request.notYaml',
    '/configs/_config/hosts',
    'Use spaces',
  ],
  [
    'a space that does not break',
    mistake('  chart: shop', '▶\u00a0 chart: shop'),
    'request.notYaml',
    '/save',
    'U+00A0',
  ],
  ['no colon', mistake('chart: shop', '▶chart shop'), 'request.notYaml', '/save', 'colon'],
  ['no space behind a colon', mistake('chart: shop', '▶chart:shop'), 'request.notYaml', '/save', 'colon'],
  ['no colon at the top', mistake('save:', '▶save'), 'request.notYaml', '', 'colon'],
  [
    'too much indentation',
    mistake('  version: 1.0.0', '    ▶version: 1.0.0'),
    'request.notYaml',
    '/save/chart',
    'indented',
  ],
  [
    'too little indentation',
    mistake('  version: 1.0.0', ' ▶version: 1.0.0'),
    'request.notYaml',
    '/save/chart',
    'indented',
  ],
  [
    'a list that is indented otherwise',
    mistake('      - name: b', '     ▶- name: b'),
    'request.notYaml',
    '/configs/_config/hosts/0',
    'indented',
  ],
  [
    'a quote that is not closed',
    mistake('chart: shop', 'chart: ▶"shop'),
    'request.notYaml',
    '/save/chart',
    'not closed',
  ],
  [
    'an apostrophe that is not closed',
    mistake('name: shop', "name: ▶'shop"),
    'request.notYaml',
    '/configs/db/_config/user/name',
    'not closed',
  ],
  [
    'a brace that is not closed',
    mistake('    replicas: 3\n    hosts:', '    replicas: {a: 1\n    ▶hosts:'),
    'request.notYaml',
    '/configs/_config/replicas/a',
    'missing',
  ],
  [
    'a bracket that is not closed',
    mistake('    replicas: 3\n    hosts:', '    replicas: [1\n    ▶hosts:'),
    'request.notYaml',
    '/configs/_config/replicas/0',
    'missing',
  ],
  ['a colon in a text', mistake('chart: shop', 'chart: ▶shop: x'), 'request.notYaml', '/save/chart', 'quote'],
  [
    'a text that begins with @',
    mistake('name: shop', 'name: ▶@shop'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    'quotes',
  ],
  [
    'a text that begins with a percent sign',
    mistake('name: shop', 'name: ▶%shop'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    'quotes',
  ],
  [
    'a text that begins with an asterisk',
    mistake('name: shop', 'name: ▶*shop'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    'no anchor',
  ],
  ...['*', '* # any', '>=1.0', '> 1.0', '>= 1.0, < 2', '|1.x', '>1 || >2'].map(
    (range): [string, string, string, string, string] => [
      `a range without quotes: ${range}`,
      mistake('version: 2.0.0', `version: ▶${range}`),
      'request.notYaml',
      '/configs/db/package/version',
      'needs quotes',
    ],
  ),
  [
    'a range without quotes: !=1.0',
    mistake('version: 2.0.0', 'version: ▶!=1.0'),
    'request.notYaml',
    '/configs/db/package/version',
    'quote',
  ],
  [
    'an escape that YAML does not know',
    mistake('name: shop', 'name: "▶\\q"'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    'escape',
  ],
  [
    'a template that is not filled in',
    mistake('name: shop', 'name: {▶{ name }}'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    'Quote',
  ],
  // Values of YAML that JSON does not have.
  [
    'a tag of a program',
    mistake('name: shop', 'name: ▶!!js/function "x"'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    '!!js/function',
  ],
  [
    'a tag of another tool',
    mistake('name: shop', 'name: ▶!Ref shop'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    '!Ref',
  ],
  [
    'binary data',
    mistake('name: shop', 'name: ▶!!binary aGk='),
    'request.notYaml',
    '/configs/db/_config/user/name',
    '!!binary',
  ],
  [
    'a date with a tag',
    mistake('name: shop', 'name: ▶!!timestamp 2026-01-01'),
    'request.notYaml',
    '/configs/db/_config/user/name',
    '!!timestamp',
  ],
  [
    'infinity',
    mistake('replicas: 3', 'replicas: ▶.inf'),
    'request.notYaml',
    '/configs/_config/replicas',
    'JSON',
  ],
  ['a map as a key', mistake('replicas: 3', '▶{a: b}: 3'), 'request.notYaml', '/configs/_config', 'Quote'],
  ['an empty key', mistake('replicas: 3', '▶~: 3'), 'request.notYaml', '/configs/_config', 'quotes'],
  ['another version of YAML', `▶%YAML 1.1\n---\n${base}`, 'request.notYaml', '', '1.2'],
  ['two documents', `${base}▶---\n${base}`, 'request.notYaml', '', 'second document'],
  ['nothing but a comment', '▶# Later.\n', 'request.notYaml', '', 'empty'],
  // Words that Helm reads in another way.
  [
    'yes for true',
    mistake('replicas: 3', 'replicas: ▶yes'),
    'request.notYaml',
    '/configs/_config/replicas',
    'Write true',
  ],
  [
    'an octal number',
    mistake('replicas: 3', 'replicas: ▶0644'),
    'request.notYaml',
    '/configs/_config/replicas',
    'Write 420',
  ],
  [
    'a number with underscores',
    mistake('replicas: 3', 'replicas: ▶1_000'),
    'request.notYaml',
    '/configs/_config/replicas',
    'Write 1000',
  ],
  [
    'a word behind characters of several kinds',
    mistake('      - a\n', '      - [😀, "\u{20000}ü字", ▶off]\n'),
    'request.notYaml',
    '/configs/_config/hosts/0/2',
    'Write false',
  ],
  [
    'a word at the end of a very long line',
    mistake('replicas: 3', `replicas: {a: "${'😀'.repeat(30_000)}", b: ▶yes}`),
    'request.notYaml',
    '/configs/_config/replicas/b',
    'Write true',
  ],
  ['on as a key', mistake('replicas: 3', '▶on: 3'), 'request.notYaml', '/configs/_config', 'quotes'],
  // Aliases and repeated keys.
  [
    'a key twice',
    mistake('  version: 1.0.0', '  version: 1.0.0\n  ▶chart: shop'),
    'request.duplicateKey',
    '/save/chart',
    'line 3, column 3',
  ],
  [
    'a child twice',
    mistake('callback:', '  ▶db:\n    package: *web\ncallback:'),
    'request.duplicateKey',
    '/configs/db',
    'line 16, column 3',
  ],
  [
    'a key twice, once with an escape',
    mistake('replicas: 3', 'replicas: 3\n    ▶"r\\u0065plicas": 4'),
    'request.duplicateKey',
    '/configs/_config/replicas',
    'twice',
  ],
  [
    'two merges into one map',
    mistake('<<: *web', '<<: *web\n      ▶<<: *web'),
    'request.duplicateKey',
    '/configs/db/package/<<',
    'twice',
  ],
  [
    'an alias without an anchor',
    mistake('*web', '▶*wbe'),
    'request.notYaml',
    '/configs/db/package/<<',
    'no anchor',
  ],
  [
    'an alias of itself',
    mistake('- name: b', '- &b\n        name: ▶*b'),
    'request.notYaml',
    '/configs/_config/hosts/1/name',
    'inside',
  ],
  ['a merge of a text', mistake('*web', '▶web'), 'request.notYaml', '/configs/db/package/<<', 'map'],
  // The recipe.
  [
    'a version that is a number',
    mistake('version: 1.0.0', 'version: ▶1.0'),
    'recipe.invalid',
    '/save/version',
    'in quotes',
  ],
  [
    'a nested version that is a number',
    mistake('version: 2.0.0', 'version: ▶2.10'),
    'recipe.invalid',
    '/configs/db/package/version',
    'in quotes',
  ],
  [
    'a range of follow that is misspelt',
    mistake('  chart: shop', '  chart: shop\n  follow:\n    on: ▶mynor'),
    'recipe.invalid',
    '/save/follow/on',
    '"minor"',
  ],
  [
    'a name that is a boolean',
    mistake('chart: db', 'chart: ▶true'),
    'recipe.invalid',
    '/configs/db/package/chart',
    'in quotes',
  ],
  [
    'a version that is none',
    mistake('version: 1.0.0', 'version: ▶v1'),
    'recipe.invalid',
    '/save/version',
    'SemVer',
  ],
  ['a misspelt key at the top', mistake('save:', '▶svae:'), 'recipe.invalid', '/svae', 'Did you mean save?'],
  [
    'a misspelt key of save',
    mistake('  version: 1.0.0', '  ▶verison: 1.0.0'),
    'recipe.invalid',
    '/save/verison',
    'Did you mean version?',
  ],
  [
    'a misspelt key of package',
    mistake('      version: 2.0.0', '      ▶verson: 2.0.0'),
    'recipe.invalid',
    '/configs/db/package/verson',
    'Did you mean version?',
  ],
  [
    'a misspelt package',
    mistake('  db:\n    package:', '  ▶db:\n    pakcage:'),
    'recipe.invalid',
    '/configs/db/package',
    'missing',
  ],
  [
    'configuration without its underscore',
    mistake('    _config:\n      user', '    ▶config:\n      user'),
    'recipe.invalid',
    '/configs/db/config',
    'Did you mean _config?',
  ],
  [
    'a misspelt key of callback',
    mistake('  url:', '  ▶ulr:'),
    'recipe.invalid',
    '/callback/ulr',
    'Did you mean url?',
  ],
  [
    'no version',
    mistake('save:\n  chart: shop\n  version: 1.0.0', '▶save:\n  chart: shop'),
    'recipe.invalid',
    '/save/version',
    'missing',
  ],
  [
    'no name of a source',
    mistake('    package:\n      <<: *web\n      chart: db', '    ▶package:\n      independent: true'),
    'recipe.invalid',
    '/configs/db/package/chart',
    'missing',
  ],
  [
    'a list for a map',
    mistake('    package:\n      <<: *web\n      chart: db\n      version: 2.0.0', '    ▶package: [db]'),
    'recipe.invalid',
    '/configs/db/package',
    'not a list',
  ],
  [
    'a text for a map',
    mistake('    _config:\n      user:\n        name: shop', '    _config: ▶none'),
    'recipe.invalid',
    '/configs/db/_config',
    'not a string',
  ],
  [
    'a word for true',
    mistake('independent: true', 'independent: ▶"true"'),
    'recipe.invalid',
    '/configs/package/independent',
    'true or false',
  ],
  [
    'a text where a child reads a map',
    mistake('replicas: 3', 'replicas: 3\n    db: ▶sqlite'),
    'recipe.invalid',
    '/configs/_config/db',
    'child db',
  ],
  ['a child with a dot', mistake('  db:', '  ▶d.b:'), 'recipe.invalid', '/configs/d.b', 'not a name'],
  [
    'a keyword that is a number',
    mistake('  chart: shop', '  chart: shop\n  keywords:\n    - a\n    - ▶7'),
    'recipe.invalid',
    '/save/keywords/1',
    'in quotes',
  ],
  [
    'an annotation that is no text',
    mistake('  chart: shop', '  chart: shop\n  annotations: {a: x, b: ▶1}'),
    'recipe.invalid',
    '/save/annotations/b',
    'in quotes',
  ],
  [
    'a mistake in a merged map',
    mistake('    chart: web', '    chart: ▶w/b'),
    'recipe.invalid',
    '/configs/package/chart',
    'name of a chart',
  ],
  [
    'U+0000',
    mistake('name: shop', 'name: ▶"\\0"'),
    'recipe.invalid',
    '/configs/db/_config/user/name',
    'U+0000',
  ],
  // Faults that only the registry finds.
  [
    'a source that does not exist',
    mistake(
      '    package:\n      <<: *web\n      chart: db',
      '    ▶package:\n      <<: *web\n      chart: dbb',
    ),
    'source.notFound',
    '/configs/db/package',
    'db',
  ],
  [
    'a range without a version',
    mistake(
      '    package:\n      <<: *web\n      chart: db\n      version: 2.0.0',
      '    ▶package:\n      <<: *web\n      chart: db\n      version: ^9',
    ),
    'source.notFound',
    '/configs/db/package',
    '^9',
  ],
  [
    'a child that its parent does not contain',
    mistake(
      '    package:\n      <<: *web\n      chart: db',
      '    ▶package:\n      independent: false\n      chart: db',
    ),
    'source.notFound',
    '/configs/db/package',
    'does not contain db',
  ],
  [
    'a part that is nowhere',
    mistake(
      '    package:\n      <<: *web\n      chart: db\n      version: 2.0.0',
      '    ▶package: {independent: true, chart: gap, version: 1.0.0, subcharts: resolve}',
    ),
    'dependency.notFound',
    '/configs/db/package',
    'nowhere',
  ],
  [
    'a space of save.from that is not there',
    mistake('  chart: shop', '  chart: shop\n  from: [lib, ▶nope]').replace(
      'chart: db\n',
      'chart: db\n      subcharts: resolve\n',
    ),
    'source.notFound',
    '/save/from/1',
    'nope',
  ],
  [
    'a callback of another protocol',
    mistake('url: https://example.com/done', 'url: ▶ftp://example.com/'),
    'callback.invalid',
    '/callback/url',
    '',
  ],
  [
    'a value that a schema refuses',
    mistake(
      '      chart: db\n      version: 2.0.0\n    _config:\n      user:',
      '      chart: strict\n      version: 1.0.0\n    _config:\n      size: big\n      name: ▶long\n      user:',
    ),
    'values.invalid',
    '/configs/db/_config/name',
    'integer',
  ],
];

/** Expects that each item of an error's lists has a place, where a line begins with the last key of its pointer. */
async function expectPlacesOfItems(text: string, details: Record<string, unknown> = {}): Promise<void> {
  const item = z.object({ pointer: z.string(), line: z.int(), column: z.int() });
  const items = z.array(item).parse(details.errors ?? details.dependencies ?? []);
  for (const { pointer, line } of items)
    expect(text.split('\n')[line - 1]?.trim()).toMatch(RegExp(`^${pointer.split('/').at(-1)}:`));
}

describe('a mistake in a YAML recipe', () => {
  it.each(mistakes)('%s: line, column and pointer are right', async (_, marked, code, pointer, part) => {
    const { text, place } = take(marked);
    for (const query of ['?dryRun=true', '']) {
      const response = await send(text, query);
      const { message, details, code: found } = await errorOf(response);
      expect({ message, code: found, line: details?.line, column: details?.column }).toEqual({
        message: expect.stringContaining(part),
        code,
        ...place,
      });
      await expectPlacesOfItems(text, details);
      expect(message).toContain(`line ${place.line}, column ${place.column}`);
      expect(details?.pointer ?? '').toBe(pointer);
      expect(response.status).toBe(code.endsWith('.notFound') ? 404 : 400);
    }
    expect((await jobsOf(await registry.api('/jobs?space=lib&chart=shop'))).items).toEqual([]);
  });

  it('places are the same with carriage returns, a byte order mark and in a large recipe, which a thread reads', async () => {
    const { text, place } = take(mistake('  version: 1.0.0', '  ▶verison: 1.0.0'));
    const large = `${text}# ${'x'.repeat(100_000)}\n`;
    for (const body of [text.replaceAll('\n', '\r\n'), `\ufeff${text}`, large]) {
      expect((await errorOf(await send(body))).details).toMatchObject(place);
    }
    const missing = take(mistake('  package: &web', '  ▶package: &web').replace('1.2.3', '9.9.9'));
    const response = await send(`${missing.text}# ${'x'.repeat(100_000)}\n`);
    expect((await errorOf(response)).details).toMatchObject({
      pointer: '/configs/package',
      ...missing.place,
    });
  });

  it('aliases that repeat too much, deep nesting and bytes that are no text are refused', async () => {
    const levels = [...'bcdefghij'].map((name, index) => {
      const before = `*${'abcdefghij'[index]}`;
      return `${name}: &${name} [${Array(9).fill(before).join()}]`;
    });
    const bomb = await send(`a: &a [${Array(9).fill('x').join()}]\n${levels.join('\n')}`);
    expect(await errorOf(bomb)).toMatchObject({
      code: 'request.notYaml',
      message: expect.stringContaining('repeat too much'),
      details: { line: 5 },
    });
    for (const deep of ['['.repeat(50_000), '- '.repeat(50_000), '? '.repeat(50_000), '{a: '.repeat(50_000)])
      expect((await errorOf(await send(deep))).code).toBe('request.tooDeep');
    const bytes = await registry.api('/spaces/lib/charts', {
      method: 'POST',
      headers: { 'Content-Type': 'text/yaml' },
      body: Buffer.from([0x61, 0x3a, 0xff]),
    });
    expect((await errorOf(bytes)).code).toBe('request.notYaml');
  });

  it('YAML that is sent as JSON, or with its lines joined, is told how to be sent', async () => {
    const asJson = await send(base, '', { 'Content-Type': 'application/json' });
    expect((await errorOf(asJson)).message).toContain('Content-Type: application/yaml');
    const joined = await send(base.replaceAll('\n', '').replace('# The shop.', ''));
    expect((await errorOf(joined)).message).toContain('--data-binary');
  });
});

describe('a recipe in YAML', () => {
  it.each(['application/yaml', 'application/x-yaml; charset=utf-8', 'TEXT/YAML'])(
    'a dry run as %s answers as the same recipe in JSON does',
    async (type) => {
      const config = { replicas: 3, hosts: ['a', { name: 'b' }] };
      const web = { independent: true, space: 'lib', chart: 'web', version: '1.2.3' };
      const json = {
        save: { chart: 'shop', version: '1.0.0' },
        configs: {
          package: web,
          _config: config,
          db: {
            package: { ...web, chart: 'db', version: '2.0.0' },
            _config: { user: { name: 'shop' } },
          },
        },
        callback: { url: 'https://example.com/done' },
      };
      const expected = await planOf(
        await registry.api('/spaces/lib/charts?dryRun=true', { method: 'POST', body: JSON.stringify(json) }),
      );
      expect(await planOf(await send(base, '?dryRun=true', { 'Content-Type': type }))).toEqual(expected);
    },
  );

  it('a recipe in YAML is composed, and the lineage has it as JSON, without comments and aliases', async () => {
    const text = mistake('callback:\n  url: https://example.com/done\n', '').replace(
      'chart: shop',
      'chart: kept',
    );
    const response = await send(text, '', { Prefer: 'wait=30' });
    expect(response.status).toBe(201);
    const { recipe } = await lineageOf(await registry.api('/spaces/lib/charts/kept/versions/1.0.0/lineage'));
    expect(recipe).toMatchObject({
      save: { chart: 'kept', version: '1.0.0' },
      configs: { db: { package: { independent: true, space: 'lib', chart: 'db', version: '2.0.0' } } },
    });
  });

  it('texts, numbers and dates in YAML mean what they mean to Helm, and own keys win over merged ones', async () => {
    const values = [
      'date: 2026-01-01',
      'version: 1.10',
      'quoted: "yes"',
      'tagged: !!str 1.10',
      'hex: 0x1F',
      '8080: port',
      'nothing: ~',
      'folded: >-\n      two\n      lines',
      '__proto__: {a: 1}',
      'base: &base {a: 1, b: 2}',
      'list: [&x 5, *x]',
      'merged: {b: 3, <<: [*base, {c: 4, a: 9}]}',
    ];
    const text = mistake('    replicas: 3\n', values.map((line) => `    ${line}\n`).join(''));
    const plan = await planOf(await send(text, '?dryRun=true'));
    const config: unknown = JSON.parse(JSON.stringify(plan.plan)).root.config;
    expect(JSON.stringify(config)).toBe(
      '{"8080":"port","date":"2026-01-01","version":1.1,"quoted":"yes","tagged":"1.10","hex":31,"nothing":null,"folded":"two lines","__proto__":{"a":1},"base":{"a":1,"b":2},"list":[5,5],"merged":{"b":3,"a":1,"c":4},"hosts":["a",{"name":"b"}]}',
    );
  });

  it('warnings have places, in the dry run, the job and the lineage', async () => {
    const text = (chart: string) =>
      [
        'save:',
        `  chart: ${chart}`,
        '  version: 1.0.0',
        '  desc: A shop',
        'configs:',
        '  package: {independent: true, chart: web, version: 1.2.3}',
        '  left:',
        '    package: {independent: true, chart: gap, version: 1.0.0}',
        '  right:',
        '    package: {independent: true, chart: web, version: 1.2.3}',
        '    _config: {global: {zone: 2}}',
        '  _config: {global: {zone: 1}}',
      ].join('\n');
    const expected = [
      { code: 'dependency.missing', pointer: '/configs/left', place: { line: 7, column: 3 } },
      {
        code: 'global.overridden',
        pointer: '/configs/right/_config/global/zone',
        place: { line: 11, column: 30 },
      },
      { code: 'key.ignored', pointer: '/save/desc', place: { line: 4, column: 3 } },
    ];
    // In a large recipe a thread finds them.
    const large = `${text('warned-large')}\n# ${'x'.repeat(100_000)}\n`;
    for (const [chart, body] of [['warned', text('warned')] as const, ['warned-large', large] as const]) {
      expect((await planOf(await send(body, '?dryRun=true'))).warnings).toMatchObject(expected);
      const response = await send(body, '', { Prefer: 'wait=30' });
      expect(response.status).toBe(201);
      const job = await jobOf(
        await registry.api((response.headers.get('location') ?? '').replace('/api/v1', '')),
      );
      expect(job.warnings).toMatchObject(expected);
      const lineage = await lineageOf(
        await registry.api(`/spaces/lib/charts/${chart}/versions/1.0.0/lineage`),
      );
      expect(lineage.warnings).toEqual(job.warnings);
    }
    const again = (await planOf(await send(text('warned'), '?dryRun=true'))).warnings;
    expect(again[0]).toMatchObject({ code: 'version.exists', place: { line: 3, column: 12 } });
    expect(await errorOf(await send(text('warned')))).toMatchObject({
      code: 'version.exists',
      details: { pointer: '/save/version', line: 3, column: 12 },
    });
  });

  it('a repeated idempotency key answers the job of the same text', async () => {
    const text = mistake('callback:\n  url: https://example.com/done\n', '').replace(
      'chart: shop',
      'chart: once',
    );
    const headers = { 'Idempotency-Key': 'yaml-1', Prefer: 'wait=30' };
    const [first, second] = [await send(text, '', headers), await send(text, '', headers)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.json()).toEqual(await first.json());
    const other = await send(text.replace('replicas: 3', 'replicas: 4'), '', headers);
    expect((await errorOf(other)).code).toBe('idempotency.mismatch');
  });
});

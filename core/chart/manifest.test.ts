import { describe, expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import { createYamlBudget } from '../yaml/yaml-source.ts';
import { type Manifest, readManifest } from './manifest.ts';

function read(chart: string, requirements?: string, more: Record<string, string> = {}): Manifest {
  const files = new Map([['Chart.yaml', Buffer.from(chart)]]);
  if (requirements !== undefined) files.set('requirements.yaml', Buffer.from(requirements));
  for (const [path, text] of Object.entries(more)) files.set(path, Buffer.from(text));
  return readManifest(files, '', createYamlBudget());
}

/** Returns the message of the fault. */
function refusal(chart: string, requirements?: string, more?: Record<string, string>): string {
  try {
    read(chart, requirements, more);
  } catch (error) {
    if (isRegistryError(error, 'chart.invalid')) return error.message;
    throw error;
  }
  return 'accepted';
}

const head = 'apiVersion: v2\nname: a\nversion: 1.0.0\n';

describe('types of fields', () => {
  it('numbers and booleans in fields of text become strings as in Helm', () => {
    const text = `${head}appVersion: 1.10\ndescription: yes\nkubeVersion: 1_000\nhome: 017\nicon: 2020-01-01`;
    expect(read(text).manifest).toEqual({
      apiVersion: 'v2',
      name: 'a',
      version: '1.0.0',
      appVersion: '1.1',
      description: 'true',
      kubeVersion: '1000',
      home: '15',
      icon: '2020-01-01',
    });
    expect(read('name: a\nversion: 1.10').version).toBe('1.1');
  });

  it('numbers in lists, annotations and maintainers become strings too', () => {
    const text = `${head}keywords: [1, yes, null]\nannotations: {a: 1.50, b: no, c: null}\nmaintainers:\n- {name: 1, email: null, role: 2}`;
    expect(read(text).manifest).toMatchObject({
      keywords: ['1', 'true', ''],
      annotations: { a: '1.5', b: 'false', c: '' },
      maintainers: [{ name: '1', role: 2 }],
    });
  });

  it('null fields are dropped, unknown ones kept, and known ones spelled as in Helm', () => {
    const { manifest } = read(
      `${head}icon: ~\nengine: 1.0\nx-custom: {a: [1, null]}\nappversion: 2\n__proto__: {a: 1}`,
    );
    expect(Object.entries(manifest)).toEqual([
      ['apiVersion', 'v2'],
      ['name', 'a'],
      ['version', '1.0.0'],
      ['engine', 1],
      ['x-custom', { a: [1, null] }],
      ['appVersion', '2'],
      ['__proto__', { a: 1 }],
    ]);
  });

  it('texts become one line without unprintable characters', () => {
    expect(
      read(`${head}description: "a\\n\\tb\\u200b\\u0007 \\u00e9\\u00a0\\U0001F600"`).manifest.description,
    ).toBe('a  b é 😀');
  });

  it.each([
    ['description: [a]', 'description must be a string'],
    ['version: {a: 1}', 'version must be a string'],
    ['keywords: a', 'keywords must be a list of strings'],
    ['keywords: [a, {b: c}]', 'keywords[1] must be a string'],
    ['annotations: [a]', 'annotations must be a map of strings'],
    ['annotations: {a: {b: c}}', 'annotations[a] must be a string'],
    ['deprecated: "true"', 'deprecated must be true or false'],
    ['maintainers: {a: b}', 'maintainers must be a list'],
    ['maintainers: [a]', 'maintainers[0] must be a map'],
    ['maintainers: [null]', 'maintainers[0] must not be empty'],
    ['maintainers: [{name: [a]}]', 'maintainers[0].name must be a string'],
    ['dependencies: {a: b}', 'dependencies must be a list'],
    ['dependencies: [null]', 'dependencies[0] must not be empty'],
    ['dependencies: [{name: a, tags: b}]', 'dependencies[0].tags must be a list of strings'],
  ])('readManifest refuses the field %s', (line, message) => {
    expect(refusal(`${head}${line}`)).toContain(`Chart.yaml: ${message}`);
  });
});

describe('validation', () => {
  it.each([
    ['an empty file', '', 'name is missing'],
    ['a list', '- a', 'is not a map'],
    ['a text', 'hello', 'is not a map'],
    ['broken YAML', 'name: [', 'is not valid YAML'],
    ['no name', 'version: 1.0.0', 'name is missing'],
    ['an empty name', 'name: ""\nversion: 1.0.0', 'name is missing'],
    ['a name with a folder', 'name: a/b\nversion: 1.0.0', `"a/b" is not a chart's name`],
    ['the name ..', 'name: ..\nversion: 1.0.0', `".." is not a chart's name`],
    ['a name that begins with _', 'name: _a\nversion: 1.0.0', 'must begin with a letter or digit'],
    ['no version', 'name: a', 'version is missing'],
    ['a bad version', 'name: a\nversion: latest', '"latest" is not a semantic version'],
    ['a version of four parts', 'name: a\nversion: 1.2.3.4', 'is not a semantic version'],
    [
      'an apiVersion that Helm 4 does not load',
      'apiVersion: v3\nname: a\nversion: 1.0.0',
      '"v3"; Helm 4 loads v1',
    ],
    ['a field twice, one of a wrong type', `${head}Name: [b]`, 'Name occurs twice'],
    ['a map twice, which Go merges', `${head}annotations: {a: b}\nAnnotations: {c: d}`, 'occurs twice'],
    ['a switch twice, of two types', `${head}deprecated: true\nDeprecated: x`, 'occurs twice'],
    ['an unknown type', `${head}type: operator`, 'must be application or library'],
    ['a bad alias', `${head}dependencies: [{name: b, alias: "b.c"}]`, 'dependencies[0].alias "b.c"'],
    [
      'two dependencies of one name',
      `${head}dependencies: [{name: b}, {name: b}]`,
      'dependencies[1] is another one',
    ],
    ['an alias that is taken', `${head}dependencies: [{name: b}, {name: c, alias: b}]`, 'name or alias "b"'],
  ])('readManifest refuses %s', (_name, text, message) => {
    expect(refusal(text)).toContain(message);
  });

  it('the error names the missing file', () => {
    expect(() => readManifest(new Map(), 'charts/a/', createYamlBudget())).toThrow(
      'There is no charts/a/Chart.yaml',
    );
  });

  it('a chart without apiVersion is read as v1', () => {
    expect(read('name: a\nversion: v1')).toMatchObject({
      apiVersion: 'v1',
      version: 'v1',
      manifest: { apiVersion: 'v1' },
    });
  });
});

describe('dependencies', () => {
  it("dependencies are read from Chart.yaml with Helm's types, and keep unknown keys", () => {
    const text = `${head}dependencies:\n- {name: b, version: 1.10, enabled: true, tags: [1], import-values: [data], other: 1}\n- {name: b, alias: c}`;
    expect(read(text).dependencies).toEqual([
      { name: 'b', version: '1.1', enabled: true, tags: ['1'], 'import-values': ['data'], other: 1 },
      { name: 'b', alias: 'c' },
    ]);
    expect(read(text).manifest).not.toHaveProperty('dependencies');
  });

  it('dependencies of requirements.yaml replace those of Chart.yaml', () => {
    expect(read(`${head}dependencies: [{name: b}]`, 'dependencies: [{name: c}]').dependencies).toEqual([
      { name: 'c' },
    ]);
    expect(read('name: a\nversion: 1.0.0', 'dependencies: [{name: c}]').dependencies).toEqual([
      { name: 'c' },
    ]);
    expect(read(`${head}dependencies: [{name: b}]`, '').dependencies).toEqual([{ name: 'b' }]);
    expect(read(`${head}dependencies: [{name: b}]`, 'dependencies:').dependencies).toEqual([]);
  });

  it('dependencies of requirements.yaml are read over those at the same index, as in Go', () => {
    const chart = `${head}dependencies: [{name: b, alias: x, tags: [t]}, {name: d}]`;
    expect(read(chart, 'dependencies: [{name: c, version: 2.0.0}]').dependencies).toEqual([
      { name: 'c', alias: 'x', tags: ['t'], version: '2.0.0' },
    ]);
  });
});

describe('requirements.yaml', () => {
  it.each([
    ['name: b', 'requirements.yaml: name takes the place'],
    ['Version: 2.0.0', 'requirements.yaml: version takes the place'],
    ['annotations: {a: b}', 'requirements.yaml: annotations takes the place'],
    ['maintainers: [{name: m}]', 'requirements.yaml: maintainers takes the place'],
    ['apiVersion: ""', 'requirements.yaml: apiVersion takes the place'],
    ['keywords: 5', 'requirements.yaml: keywords must be a list of strings'],
  ])('a requirements.yaml with %s is refused', (text, message) => {
    expect(refusal(head, text)).toContain(message);
  });

  it('a requirements.yaml may repeat fields of Chart.yaml, and have fields that Helm does not know', () => {
    expect(read(head, 'name: a\nother: {b: c}\ndependencies: [{name: c}]')).toMatchObject({
      name: 'a',
      dependencies: [{ name: 'c' }],
    });
  });
});

describe.each(['Chart.lock', 'requirements.lock'])('%s', (lock) => {
  it.each([
    ['dependencies: [', 'is not valid YAML'],
    ['- 1', 'is not a map'],
    ['text', 'is not a map'],
    ['generated: 12', 'generated must be a time'],
    ['generated: yesterday', 'generated must be a time'],
    ['generated: 2026-02-29T12:00:00Z', 'generated must be a time'],
    ['generated: "2026-01-01T24:00:00Z"', 'generated must be a time'],
    ['digest: [a]', 'digest must be a string'],
    ['DIGEST: [a]\ndigest: b', 'digest occurs twice'],
    ['dependencies: {a: b}', 'dependencies must be a list'],
    ['dependencies: [a]', 'dependencies[0] must be a map'],
    ['dependencies: [{name: a}, {version: [1]}]', 'dependencies[1].version must be a string'],
  ])(`a ${lock} with %s is refused`, (text, message) => {
    expect(refusal(head, undefined, { [lock]: text })).toContain(`${lock}`);
    expect(refusal(head, undefined, { [lock]: text })).toContain(message);
  });

  it.each([
    '',
    '# nothing\n',
    'null',
    'dependencies:\n',
    'dependencies: [null]',
    'dependencies: [{name: a, version: 1.10, repository: 5}, {name: a, alias: "b c"}]\ndigest: 12\n',
    'generated: "2024-02-29T3:59:00,123456789123+24:00"\n',
    'a: 1\n---\n[\n',
  ])(`a ${lock} with %j is accepted, as by Helm`, (text) => {
    expect(refusal(head, undefined, { [lock]: text })).toBe('accepted');
  });
});

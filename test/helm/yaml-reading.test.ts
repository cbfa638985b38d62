import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packArchive } from '../../core/archive/write-archive.ts';
import { equalJson, type Json, type JsonObject } from '../../core/yaml/json.ts';
import { decodeYaml } from '../../core/yaml/parse/decode.ts';
import { parseYamlMap } from '../../core/yaml/yaml.ts';
import type { YamlSource } from '../../core/yaml/yaml-source.ts';
import { isAvailable } from '../support/servers/program.ts';

const source: YamlSource = { file: 'values.yaml', code: 'values.invalid' };
const chart = Buffer.from('apiVersion: v2\nname: c\nversion: 1.0.0\n');

interface Reading {
  error?: string;
  chart?: { values: JsonObject | null };
}

/** Reads values.yaml in archives of charts with Helm 3 and 4. */
async function loadByHelm(files: readonly Buffer[]): Promise<{ helm3: Reading; helm4: Reading }[]> {
  const parts: Buffer[] = [];
  for (const values of files) {
    const archive = await packArchive('c', [
      ['Chart.yaml', chart],
      ['values.yaml', values],
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(archive.length);
    parts.push(length, archive);
  }
  const loader = spawn('helm-loader', ['-stream'], { stdio: ['pipe', 'pipe', 'ignore'] });
  loader.stdin.end(Buffer.concat(parts));
  const lines = (await buffer(loader.stdout)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function readByRegistry(bytes: Buffer): { values?: Json; refusal?: string } {
  try {
    return { values: parseYamlMap(decodeYaml(bytes, source), source) };
  } catch (error) {
    return { refusal: String(error) };
  }
}

/** Matches refusals of values that Helm may load: bytes behind the first document, replaced values, equal keys. */
const narrower =
  /not valid UTF-8|U\+[0-9A-F]{4} is not allowed|expressed in JSON|stands twice, quoted and not/;

const scalars = fc.constantFrom(
  ...['1', '0x1F', '0o17', '017', '08', '0b101', '1_000', '1.5', '1e3', '1E400', '.5', '.inf', '.nan', '+1'],
  ...['yes', 'No', 'ON', 'off', 'y', '~', 'null', '', '2001-01-01', '1:30', '<<', '*x', '&x 1', '-0b11'],
  ...[
    '!!int 5',
    '!!int "5"',
    '!!int a',
    '!!str 5',
    '!!float 1',
    '!!null ~',
    '!!binary aGk=',
    '!!binary "4oI="',
  ],
  ...['! x', '!foo x', '!<tag:yaml.org,2002:int> 3', '!!timestamp 2001-1-1', '!!bool yes', '!e!x y', '1e39'],
  ...['9007199254740993', '18446744073709551615', '18446744073709551616', '0x8000000000000000', '1000000.0'],
  ...['"\\x41\\u00e9\\U0001F600\\N\\_\\L\\P\\e\\0"', '"\\/"', '"it\\\'s"', '"\\ud83d\\ude00"', "'it''s'"],
  ...[
    '[1, 2]',
    '{a: 1, b}',
    '[a: 1]',
    '{"a":1}',
    '{a:1}',
    '[1,\n  2]',
    '{a: 1,\nb: 2}',
    '[a,\n# c\nb]',
    '{ }',
  ],
  ...[
    '"two\n  lines"',
    'plain\n\n   more',
    '|\n  a\n\n  b\n',
    '>\n  a\n  b\n\n    c\n',
    '|+\n  x\n\n',
    '|2\n   x',
  ],
  ...['|\n\tx', '# c', 'a # c', 'a: b', '@x', '`x`', '%x', '"a"# c', 'a\tb', '\ta', '\uFEFF', '\x85', '\x07'],
);
const keys = fc.constantFrom(
  ...[
    'a',
    'b',
    'c',
    '"q k"',
    '1',
    '1.5',
    'yes',
    '~',
    '<<',
    '? e\n',
    '&k k',
    '!!str t',
    '.inf',
    '[x]',
    '*x',
    '-x',
  ],
);
const breaks = fc.constantFrom(
  '\n',
  '\n',
  '\n',
  '\n# c\n',
  '\r\n',
  ' # c\n',
  '\n\t\n',
  '\n\t# c\n',
  '\r',
  '\u2028',
);
const lines = fc
  .array(
    fc.tuple(
      fc.constantFrom('', '', '', '', '', '', '', '  ', '- '),
      keys,
      fc.constantFrom(': ', ': ', ': ', ':\n  ', ':\t'),
      scalars,
      breaks,
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((entries) => entries.map((entry) => entry.join('')).join(''));
const heads = fc.constantFrom(
  '',
  '',
  '',
  'x: &x {p: 1}\n',
  '---\n',
  '%YAML 1.1\n---\n',
  '--- # c\n',
  '\uFEFF',
);
const tails = fc.constantFrom('', '', '', '---\nb: 1\n', '...\n]\n', '--- x\n', '---x: 1\n');
const mutation = fc.record({
  at: fc.nat(120),
  remove: fc.nat(2),
  add: fc.constantFrom(
    '',
    ' ',
    '\t',
    '\n',
    ':',
    '- ',
    '#',
    '"',
    "'",
    '{',
    ']',
    ',',
    '&x ',
    '*',
    '!',
    '|',
    '\x1b',
  ),
  byte: fc.option(fc.constantFrom(0xe9, 0x80, 0xc3, 0xff), { freq: 20 }),
});

const documents = fc
  .tuple(heads, lines, tails, fc.option(mutation, { freq: 1 }))
  .map(([head, body, tail, mutated]) => {
    const bytes = Buffer.from(head + body + tail);
    if (!mutated) return bytes;
    const { at, remove, add, byte } = mutated;
    const added = byte === null ? Buffer.from(add) : Buffer.from([byte]);
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + remove)]);
  });

describe.skipIf(!isAvailable('helm-loader', ['-h']))(
  'values of any kind (left out without helm-loader on the PATH)',
  () => {
    it('values of any kind are read as by Helm 3 and 4, and refused where one refuses them', async () => {
      const files = fc.sample(documents, 6_000);
      const readings = await loadByHelm(files);
      expect(readings).toHaveLength(files.length);
      let loaded = 0;
      for (const [index, { helm3, helm4 }] of readings.entries()) {
        const bytes = files[index] ?? Buffer.alloc(0);
        const { values, refusal } = readByRegistry(bytes);
        const shown = JSON.stringify(bytes.toString('latin1'));
        if (helm3.error !== undefined || helm4.error !== undefined) expect(refusal, shown).toBeDefined();
        else if (refusal !== undefined) expect(refusal, shown).toMatch(narrower);
        else {
          loaded++;
          const both = [helm3.chart?.values ?? {}, helm4.chart?.values ?? {}];
          expect(
            both.some((read) => equalJson(values ?? null, read)),
            shown,
          ).toBe(true);
        }
      }
      expect(loaded).toBeGreaterThan(500);
    });
  },
);

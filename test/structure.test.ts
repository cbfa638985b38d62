import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { packageFolder } from '../core/runtime/package-info.ts';
import { aloneFiles } from './support/alone-files.ts';
import { filesIn } from './support/files.ts';
import {
  readExportedFunctions,
  readExportedNames,
  readImports,
  readPieces,
  type SourcePiece,
} from './support/source-text.ts';

const root = fileURLToPath(packageFolder);
const serverRooms = ['api', 'core', 'worker', 'cli'];
const productRooms = [...serverRooms, 'client/src', 'web'];
const otherRooms = ['bench', 'deploy', 'test'];
const maxLines = 250;
const maxWords = 15;

/** Text of every TypeScript file of some rooms, by its path. */
async function readRooms(rooms: readonly string[]): Promise<Map<string, string>> {
  const paths = await Promise.all(rooms.map((room) => filesIn(join(root, room))));
  const sources = paths.flat().filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'));
  return new Map(
    await Promise.all(
      sources.map(async (path) => [relative(root, path), await readFile(path, 'utf8')] as const),
    ),
  );
}

const product = new Map(
  [...(await readRooms(productRooms))].filter(([path]) => !/\.(?:test|fixture)\.tsx?$/.test(path)),
);
const everything = await readRooms([...productRooms, ...otherRooms]);
const pieces = [...everything].flatMap(([path, source]) =>
  readPieces(source).map((piece) => ({ path, ...piece })),
);

it('the product has no import circle, types included', () => {
  const graph = new Map(
    [...product].map(([path, source]) => {
      const local = readImports(source).filter((target) => target.startsWith('.'));
      return [path, local.map((target) => join(dirname(path), target))];
    }),
  );
  expect(findCircles(graph)).toEqual([]);
});

it('the client imports its own files alone, and the page nothing of the server', () => {
  const foreign = [...product].flatMap(([path, source]) => {
    const [room = ''] = /^(?:client\/src|web)(?=\/)/.exec(path) ?? [];
    if (room === '') return [];
    const inRoom = (target: string) => `${join(dirname(path), target)}/`.startsWith(`${room}/`);
    const isOwn = (target: string) => (target.startsWith('.') ? inRoom(target) : room === 'web');
    return readImports(source).flatMap((target) => (isOwn(target) ? [] : [`${path}: ${target}`]));
  });
  expect(foreign).toEqual([]);
});

it('user commands import their own files, the client, ranges as Helm reads them, and packages that are packed with them', () => {
  const packed = ['commander', 'js-yaml', 'yaml'];
  const foreign = [...product].flatMap(([path, source]) => {
    if (!path.startsWith('cli/user/')) return [];
    const isOwn = (target: string) =>
      target.startsWith('.')
        ? /^(?:cli\/user\/|core\/semver\/|client\/src\/index\.ts$)/.test(join(dirname(path), target))
        : target.startsWith('node:') || packed.includes(target);
    return readImports(source).flatMap((target) => (isOwn(target) ? [] : [`${path}: ${target}`]));
  });
  expect(foreign).toEqual([]);
});

it('core makes zlib streams that threads use in one file, which keeps their threads from being ended meanwhile', () => {
  // These two make streams for the event loop's thread alone, and threads never load them.
  const ofTheMainThread = ['core/mirror/fetch-index.ts', 'core/repository/document.ts'];
  const makers = [...product].flatMap(([path, source]) => {
    const imported = /import (?:\{([^}]*)\}|\w+) from 'node:zlib';/.exec(source);
    const names = (imported?.[1] ?? 'all').split(',').map((name) => name.trim());
    const makes = imported !== null && names.some((name) => !['constants', 'crc32'].includes(name));
    return path.startsWith('core/') && makes ? [path] : [];
  });
  expect(makers.toSorted()).toEqual([...ofTheMainThread, 'core/runtime/zlib-streams.ts']);
});

it('each path and glob of the import rules in biome.json has a file', async () => {
  const rules = readImportRules(JSON.parse(await readFile(join(root, 'biome.json'), 'utf8')));
  const packages = await readDependencies();
  const paths = [...everything.keys()];
  const isUsed = (pattern: string) => {
    if (packages.has(pattern.replace(/\/\*\*$/, ''))) return true;
    const expression = toExpression(pattern);
    return paths.some((path) => expression.test(path));
  };
  expect(rules.length).toBeGreaterThan(0);
  expect(rules.filter((pattern) => !isUsed(pattern))).toEqual([]);
});

it('docs/architecture.md names each room', async () => {
  const text = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const rooms = new Set([...product.keys()].flatMap((path) => /^[^/]+\/[^/]+\/(?=[^/]+)/.exec(path) ?? []));
  expect([...rooms].filter((room) => !text.includes(`\`${room}`))).toEqual([]);
});

it(`each product file has at most ${maxLines} lines`, () => {
  const long = [...product].filter(([, source]) => source.trimEnd().split('\n').length > maxLines);
  expect(long.map(([path]) => path)).toEqual([]);
});

it('each comment begins with the verb or noun that a reader searches for', () => {
  expect(findPieces((piece) => piece.kind === 'comment' && vagueStart.test(piece.text))).toEqual([]);
});

it('each text of the interface and of alerts begins with a verb or noun that says what it is', () => {
  const found = [...product].flatMap(([path, source]) =>
    [...source.matchAll(/\b(?:description|summary):\s*['"`]([^\n]*)/g)]
      .filter(([, text = '']) => vagueStart.test(text))
      .map(([, text = '']) => `${path}: ${text.slice(0, 80)}`),
  );
  expect(found).toEqual([]);
});

it('each comment of the chart and of the examples begins with such a word too', async () => {
  const folders = await Promise.all(['deploy', 'examples'].map((folder) => filesIn(join(root, folder))));
  const files = folders.flat().filter((path) => /\.(?:ya?ml|tpl)$/.test(path));
  expect(files.length).toBeGreaterThan(0);
  const found = await Promise.all(
    files.map(async (path) => {
      // The first line of a comment; further ones may begin with any word.
      const starts = (await readFile(path, 'utf8')).matchAll(
        /(?<!#[^\n]*\n)^[ \t]*(?:#|\{\{-?\s*\/\*)[ \t]*([^\n]*)/gm,
      );
      return [...starts]
        .map(([, text = '']) => text)
        .filter((text) => vagueStart.test(text))
        .map((text) => `${relative(root, path)}: ${text}`);
    }),
  );
  expect(found.flat()).toEqual([]);
});

it(`each exported function has a comment whose first sentence has at most ${maxWords} words`, () => {
  const faults = [...everything].flatMap(([path, source]) =>
    readExportedFunctions(source).flatMap(({ name, comment }) => {
      const sentence = firstSentence(comment);
      const words = sentence === '' ? 0 : sentence.split(' ').length;
      return words > 0 && words <= maxWords ? [] : [`${path}: ${name}: ${words} words: ${sentence}`];
    }),
  );
  expect(faults).toEqual([]);
});

it('server, client and user commands export each name from one file', () => {
  const files = new Map<string, string[]>();
  for (const [path, source] of product) {
    if (path.startsWith('web/')) continue;
    const [part = 'server'] = /^(?:client|cli\/user)(?=\/)/.exec(path) ?? [];
    for (const name of readExportedNames(source)) {
      const key = `${part}: ${name}`;
      files.set(key, [...(files.get(key) ?? []), path]);
    }
  }
  const twice = [...files].filter(([, paths]) => paths.length > 1);
  expect(twice).toEqual([]);
});

it('the product bounds waiting by deadlines of its own, which garbage collection leaves alone', () => {
  const combined = [...product].flatMap(([path, source]) =>
    findSignalConstructors(source).map((line) => `${path}:${line}`),
  );
  expect(combined).toEqual([]);
  // A rule that finds nothing at all would be empty.
  const samples = [
    'const both = AbortSignal.any([one, two]);',
    'fetch(url, { signal: AbortSignal\n  // of both\n  .timeout(5) });',
    "AbortSignal?.['any']([one])",
    'const { any } = AbortSignal;',
    'const kind = AbortSignal;',
  ];
  for (const sample of samples) expect(findSignalConstructors(sample), sample).toEqual([1]);
  const others = [
    '// AbortSignal.any leaks',
    'function run(signal: AbortSignal, any: boolean, signals: AbortSignal[]): void {}',
    'type Signal = AbortSignal | undefined;',
    'throw AbortSignal.abort();',
  ];
  for (const sample of others) expect(findSignalConstructors(sample), sample).toEqual([]);
});

/** Finds the lines on which a file takes `any` or `timeout` from AbortSignal, or the class by another name. */
function findSignalConstructors(source: string): number[] {
  const gap = String.raw`(?:\s|/\*[\s\S]*?\*/|//[^\n]*)*`;
  const member = new RegExp(String.raw`^${gap}\??\.?${gap}(?:\[${gap}['"\`]|(?<=\.${gap}))(?:any|timeout)\b`);
  return readPieces(source).flatMap(({ kind, text, line, end }) => {
    if (kind !== 'identifier' || text !== 'AbortSignal') return [];
    const before =
      source
        .slice(0, end - text.length)
        .split('\n')
        .at(-1) ?? '';
    const isRenamed = /\b(?:const|let)\b[^:]*=\s*$/.test(before) && /^\s*;/.test(source.slice(end));
    return isRenamed || member.test(source.slice(end)) ? [line] : [];
  });
}

it('test files that change or measure their process run alone in one', () => {
  const changesProcess =
    /\bvi\.(?!waitFor)\w+\(|\/(?:garbage-collection|event-loop|statements)\.ts'|\.memory\(\)|\bprocess\.(?:chdir|on|once|prependListener)\(|\b(?:process\.env|globalThis)(?:\.\w+|\[[^\]]+\]) = |\bDate\.now = /;
  const shared = [...everything].filter(
    ([path, source]) =>
      path.endsWith('.test.ts') && changesProcess.test(source) && !aloneFiles.includes(path),
  );
  expect(shared.map(([path]) => path)).toEqual([]);
  expect(aloneFiles.filter((path) => !everything.has(path))).toEqual([]);
});

it('tests of the interface, which run on the stack too, start no registry in their process', () => {
  const embedded = [...everything].filter(
    ([path, source]) => path.startsWith('test/interface/') && source.includes("/support/embedded.ts'"),
  );
  expect(embedded.map(([path]) => path)).toEqual([]);
});

it('identifiers and comments use the terms of the glossary', () => {
  const usesFormerWord = ({ kind, text }: SourcePiece) => {
    const known = exceptions.reduce((rest, { text: allowed }) => rest.replaceAll(allowed, ''), text);
    return formerWords.test(kind === 'identifier' ? splitName(known) : known);
  };
  expect(findPieces(usesFormerWord)).toEqual([]);
});

/** First words that say nothing; CONTRIBUTING has the rule. */
const vagueStart = /^(?:What|Who|Whom|Whoever|Of|One|The same)\b/;

/** Cuts the text of a comment before its block tags, its first list and its second sentence. */
function firstSentence(comment: string): string {
  const [text = ''] = comment.split(/\s?@(?:param|returns|throws|example|see)\b|(?<=:)\s(?=- )/);
  return /^.*?[.?!](?=\s|$)/.exec(text)?.[0] ?? text;
}

/** Words that the glossary has replaced, as they stand in a text or in a name that is split into words. */
const formerWords =
  /\b(?:settl(?:e[sd]?|ing)|impatient|patience|lett?(?:ing)?s? go|brought|at hand|hand(?:s|ed|ing)? over|g(?:ive[sn]?|ave|iving) back|foresee\w*|foresaw|atOnce|untaken|namers?|strays?|whoever|whomever)\b/i;

/** Names that may contain such a word. */
const exceptions = [
  { text: 'allSettled', reason: "ECMAScript's Promise.allSettled" },
  { text: 'PromiseSettledResult', reason: "TypeScript's type of its results" },
  { text: 'StatementNamer', reason: 'gives names to prepared statements, and is no blob reference' },
];

function splitName(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .replace(/\bat once\b/i, 'atOnce');
}

/** Finds comments and identifiers, each as `path:line: text`. */
function findPieces(matches: (piece: SourcePiece) => boolean): string[] {
  return pieces.filter(matches).map(({ path, line, text }) => `${path}:${line}: ${text.slice(0, 80)}`);
}

/** Finds the circles of a graph by depth-first search, each as the path from a file to itself. */
function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return circles;
}

const importRule = z.object({
  includes: z.array(z.string()),
  linter: z.object({
    rules: z.object({
      style: z.object({
        noRestrictedImports: z.object({
          options: z.object({
            paths: z.record(z.string(), z.string()).default({}),
            patterns: z.array(z.object({ group: z.array(z.string()) })).default([]),
          }),
        }),
      }),
    }),
  }),
});

/** Lists the globs of files and of imports, and the packages, that the import rules name. */
function readImportRules(settings: unknown): string[] {
  const { overrides } = z.object({ overrides: z.array(z.unknown()) }).parse(settings);
  const patterns = overrides.flatMap((override) => {
    const { success, data } = importRule.safeParse(override);
    if (!success) return [];
    const { paths, patterns } = data.linter.rules.style.noRestrictedImports.options;
    const groups = patterns.flatMap(({ group }) => group);
    return [...data.includes, ...Object.keys(paths), ...groups].map((glob) => glob.replace(/^!/, ''));
  });
  return [...new Set(patterns)];
}

async function readDependencies(): Promise<ReadonlySet<string>> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(text));
  const names = Object.keys(dependencies);
  const scopes = names.flatMap((name) => (name.startsWith('@') ? [name.replace(/\/.*/, '')] : []));
  return new Set([...names, ...scopes, ...builtinModules.map((name) => `node:${name}`)]);
}

/** Turns a glob into a regular expression: two asterisks match any folders, one anything within a name. */
function toExpression(glob: string): RegExp {
  const parts = glob.split(/(\*\*\/|\*\*|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

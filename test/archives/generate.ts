import { gzipSync } from 'node:zlib';
import type { Random } from '../support/random.ts';
import { type Note, writeEntry } from './generate-entry.ts';
import { below, once } from './odds.ts';

/** Archive with its oddities, for the message of a difference. */
export interface GeneratedArchive {
  bytes: Buffer;
  oddities: string[];
}

/**
 * Makes an archive of a small chart in which some entries are odd. About a third of the archives is ordinary, so that
 * accepted archives are compared too.
 */
export function generateArchive(random: Random, depth = 0): GeneratedArchive {
  const oddities: string[] = [];
  const note: Note = (oddity) => void oddities.push(oddity);
  const blocks: Buffer[] = [];
  const files = chooseFiles(random, depth, note);
  const rate = random.pick([1000, 12, 6, 3]);
  for (const [path, content] of files)
    blocks.push(...writeEntry(random, `c/${path}`, content, once(random, rate) ? note : undefined));
  if (once(random, 8)) blocks.reverse();
  return { bytes: pack(random, Buffer.concat([...blocks, end(random, note)]), note), oddities };
}

const manifests = [
  'apiVersion: v2\nname: c\nversion: 1.0.0\n',
  '\ufeffapiVersion: v2\nname: c\nversion: 1.0.0\n',
  'apiVersion: v1\nname: c\nversion: 1.0.0-rc.1\ndescription: "x: y"\n',
] as const;

function chooseFiles(random: Random, depth: number, note: Note): [string, Buffer][] {
  const files: [string, Buffer][] = [
    ['Chart.yaml', Buffer.from(random.pick(manifests))],
    ['values.yaml', Buffer.from(`a: ${below(random, 9)}\n`)],
    ['templates/a.yaml', Buffer.from(`kind: {{ .Values.a }} ${below(random, 9)}`)],
  ];
  const extra = (oddity: string, path: string, content: string | Buffer): void => {
    note(oddity);
    files.push([path, Buffer.from(content)]);
  };
  if (once(random, 15))
    extra('second Chart.yaml', 'Chart.yaml', 'apiVersion: v2\nname: other\nversion: 2.0.0\n');
  if (once(random, 15)) extra('second values.yaml', 'values.yaml', 'b: 2\n');
  if (once(random, 20)) extra('file that is a folder', 'templates', 'x');
  if (once(random, 20)) extra('readme in charts', 'charts/README.md', 'x');
  if (once(random, 10))
    extra('hidden in charts', random.pick(['charts/.x', 'charts/_x/y', 'charts/a.prov']), 'x');
  if (once(random, 10)) extra('schema', 'values.schema.json', random.pick(['{}', '\ufeff{"type":"object"}']));
  if (once(random, 20)) extra('case clash', 'chart.yaml', 'name: clash\n');
  if (once(random, 20)) extra('.helmignore', '.helmignore', 'values.yaml\n');
  if (once(random, 20))
    extra('requirements.yaml', 'requirements.yaml', 'dependencies:\n- {name: d, version: 1.0.0}\n');
  if (once(random, 8)) extra('subchart folder', 'charts/s/Chart.yaml', 'name: s\nversion: 3.0.0\n');
  if (once(random, 8) && depth < 2) {
    const inside = generateArchive(random, depth + 1);
    for (const oddity of inside.oddities) note(`inside: ${oddity}`);
    files.push([`charts/${random.pick(['s-1.tgz', 's.tgz', '_s.tgz', 's.tgz/x'])}`, inside.bytes]);
  }
  if (once(random, 25)) files.splice(below(random, files.length), 1);
  return files;
}

/** Makes the end of the tar archive. */
function end(random: Random, note: Note): Buffer {
  if (!once(random, 6)) return Buffer.alloc(1024);
  const [oddity, bytes] = random.pick([
    ['no end', Buffer.alloc(0)],
    ['one block of zeros', Buffer.alloc(512)],
    ['half a block', Buffer.alloc(100)],
    ['one block and a half', Buffer.alloc(700)],
    ['zeros and text', Buffer.concat([Buffer.alloc(512), Buffer.alloc(512, 'x')])],
    ['text behind the end', Buffer.concat([Buffer.alloc(1024), Buffer.alloc(600, 'x')])],
    ['text', Buffer.alloc(512, 'x')],
  ]);
  note(oddity);
  return bytes;
}

/** Compresses the tar archive, sometimes in odd ways. */
function pack(random: Random, tar: Buffer, note: Note): Buffer {
  if (!once(random, 8)) return gzipSync(tar, { level: 1 });
  const half = below(random, tar.length);
  const whole = gzipSync(tar, { level: 1 });
  const oddity = random.pick([
    'members',
    'zeros',
    'garbage',
    'cut',
    'sum',
    'cut tar',
    'long name',
    'name',
    'second',
    'flags',
  ]);
  note(`gzip ${oddity}`);
  switch (oddity) {
    case 'members':
      return Buffer.concat([gzipSync(tar.subarray(0, half)), gzipSync(tar.subarray(half))]);
    case 'zeros':
      return Buffer.concat([whole, Buffer.alloc(40)]);
    case 'garbage':
      return Buffer.concat([whole, Buffer.from('garbage')]);
    case 'cut':
      return whole.subarray(0, -1 - below(random, 12));
    case 'sum':
      return Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8, 1)]);
    case 'cut tar':
      return gzipSync(tar.subarray(0, half));
    case 'second':
      return Buffer.concat([whole, gzipSync(Buffer.from('no tar archive'))]);
    case 'flags':
      return setFlags(whole, 0x80, Buffer.alloc(0));
    default:
      return setFlags(
        whole,
        8,
        Buffer.concat([Buffer.alloc(oddity === 'name' ? 511 : 512, 'n'), Buffer.alloc(1)]),
      );
  }
}

function setFlags(packed: Buffer, flags: number, text: Buffer): Buffer {
  const head = Buffer.from(packed.subarray(0, 10));
  head[3] = flags;
  return Buffer.concat([head, text, packed.subarray(10)]);
}

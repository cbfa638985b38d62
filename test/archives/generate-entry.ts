import type { Random } from '../support/random.ts';
import { below, once } from './odds.ts';
import { type BlockFields, padBlock, paxRecord, writeBlock } from './tar-block.ts';

/** Records an oddity that readers of archives may treat differently. */
export type Note = (oddity: string) => void;

const names = [
  ['backslashes', (path: string) => path.replaceAll('/', '\\')],
  ['double slash', (path: string) => path.replace('/', '//')],
  ['dot segment', (path: string) => path.replace('/', '/./')],
  ['leading dot', (path: string) => path.replace(/^c\//, './')],
  ['parent segment', (path: string) => path.replace('/', '/x/../')],
  ['leading parent', (path: string) => `../${path.slice(2)}`],
  ['two dots before a name', (path: string) => path.replace('/', '/..')],
  ['leading slash', (path: string) => `/${path}`],
  ['drive letter', (path: string) => path.replace('/', '/C:/')],
  ['leading drive letter', (path: string) => `C:/${path}`],
  ['trailing slash', (path: string) => `${path}/`],
  ['no folder', (path: string) => path.replace(/^c\//, '')],
  ['other folder', (path: string) => path.replace(/^c\//, 'other/')],
  ['not UTF-8', (path: string) => `${path}\xff`],
  ['UTF-8', (path: string) => `${path}\xc3\xbc`],
  ['tab', (path: string) => `${path}\t`],
  ['another file', () => 'c/Chart.yaml'],
] as const;

/** Pax records that change an entry or have invalid values. */
const paxes: readonly [key: string, values: readonly [string, ...string[]]][] = [
  ['path', ['', 'c/values.yaml', 'c/other', 'c/dir/', 'c/a\0b', 'c/Chart.yaml', 'c/\xff']],
  ['size', ['1e3', '0x10', '+5', '-1', '', '10', '1_0', ' 5', '9223372036854775808', '0']],
  ['mtime', ['1.5', 'x', '', '-1.5', '1.x', '1e3']],
  ['uid', ['5', '0x1', '1e3', '']],
  ['uname', ['me', 'm\0e']],
  ['comment', ['x', 'x\0']],
  ['GNU.sparse.name', ['c/values.yaml']],
  ['GNU.sparse.map', ['0,1', '']],
  ['GNU.sparse.size', ['5']],
  ['GNU.sparse.major', ['0', '1', '2']],
  ['linkpath', ['c/Chart.yaml']],
];

/** Writes the blocks of one entry, with oddities if `odd` is given. */
export function writeEntry(random: Random, path: string, content: Buffer, odd: Note | undefined): Buffer[] {
  const fields: BlockFields = {
    name: Buffer.from(path).toString('latin1'),
    type: '0',
    size: content.length,
    magic: random.pick(['ustar', 'ustar', 'gnu', 'v7']),
    prefix: '',
    mode: '0000644\0',
    raw: [],
    sum: 'unsigned',
  };
  if (!odd) return [writeBlock(fields), padBlock(content)];
  const before: Buffer[] = [];
  for (let count = 1 + below(random, 3); count > 0; count -= 1)
    changeEntry(random, fields, before, content, odd);
  const body = once(random, 40) ? content : padBlock(content);
  return [...before, writeBlock(fields), body];
}

function changeEntry(
  random: Random,
  fields: BlockFields,
  before: Buffer[],
  content: Buffer,
  note: Note,
): void {
  switch (below(random, 9)) {
    case 0: {
      const [oddity, change] = random.pick(names);
      note(oddity);
      fields.name = change(fields.name);
      return;
    }
    case 1:
      fields.type = random.pick([
        '\0',
        '1',
        '2',
        '3',
        '5',
        '6',
        '7',
        'S',
        'V',
        'N',
        'A',
        'D',
        'M',
        'Z',
        'X',
        'g',
        'x',
        'L',
      ]);
      note(`type ${JSON.stringify(fields.type)}`);
      return;
    case 2:
      fields.mode = random.pick([
        '0040755\0',
        '0120777\0',
        '\x80\0\0\0\0\0\x41\xed',
        '\xff\xff\xff\xff\xff\xff\x41\xed',
        'rw-r--r-',
      ]);
      note(`mode ${JSON.stringify(fields.mode)}`);
      return;
    case 3:
      fields.magic = random.pick(['star', 'gnu', 'v7', 'ustar']);
      fields.prefix = random.pick([
        'p',
        'c/charts',
        'p'.repeat(131),
        `${'p'.repeat(131)}q`,
        '\xff',
        '00000000000',
      ]);
      note(`${fields.magic} with prefix of ${fields.prefix.length}`);
      return;
    case 4: {
      const octal = content.length.toString(8);
      const text = random.pick([
        ` ${octal} \0`.padEnd(12, '\0'),
        `${octal}\0junk`.padEnd(12, '\0'),
        `${octal.padStart(12, '0')}`,
        '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
        `\x80${'\0'.repeat(9)}${String.fromCharCode(content.length >> 8, content.length & 255)}`,
        '-0000000001\0',
        '0x000000010\0',
        '\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
      ]);
      fields.raw = [...fields.raw, [124, text]];
      note(`size field ${JSON.stringify(text)}`);
      return;
    }
    case 5:
      fields.raw = [
        ...fields.raw,
        random.pick([
          [108, 'x'],
          [116, '8'],
          [136, '\xff\xff'],
          [329, 'z'],
          [337, ' 7 '],
          [345, 'y'],
          [345, '1'],
          [357, '9'],
        ]),
      ];
      note(`field ${JSON.stringify(fields.raw.at(-1))}`);
      return;
    case 6: {
      fields.sum = random.pick(['signed', 'wrong', 'signed', 'signed']);
      if (fields.sum === 'signed') fields.raw = [...fields.raw, [265, '\xff\xfe']];
      note(`sum ${fields.sum}`);
      return;
    }
    default:
      before.push(...writeExtended(random, note));
  }
}

function writeExtended(random: Random, note: Note): Buffer[] {
  const type = random.pick(['x', 'x', 'x', 'g', 'L', 'L', 'K']);
  let text: string;
  if (type === 'L' || type === 'K') {
    text = random.pick(['c/long', 'c/long\0', '', 'c/values.yaml\0junk', 'c/dir/\0', '\0', 'c/\xff']);
  } else {
    const [key, values] = paxes[below(random, paxes.length)] ?? ['path', ['']];
    text = paxRecord(key, random.pick(values));
    if (once(random, 5)) text += paxRecord('path', 'c/again');
    if (once(random, 12)) text = text.slice(0, -1);
    if (once(random, 12))
      text = random.pick([`0${text}`, `+${text}`, `${text}\0\0`, '5 a=\n', '4 =\n', ` ${text}`, '6 ab=\n']);
  }
  note(`${type} ${JSON.stringify(text)}`);
  const content = Buffer.from(text, 'latin1');
  const fields = { prefix: '', mode: '0000644\0', raw: [], sum: 'unsigned' } as const;
  return [
    writeBlock({
      ...fields,
      name: 'extended',
      type,
      size: content.length,
      magic: type === 'x' ? 'ustar' : 'gnu',
    }),
    padBlock(content),
  ];
}

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSetArgument } from '../../web/parts/values/set-argument.ts';
import { joinPointer } from '../../web/parts/values/values-tree.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { runHelm } from '../support/helm/program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-registry-set-'));
  await mkdir(join(folder, 'chart/templates'), { recursive: true });
  await writeFile(join(folder, 'chart/Chart.yaml'), 'apiVersion: v2\nname: c\nversion: 1.0.0\n');
  await writeFile(join(folder, 'chart/templates/out.yaml'), 'values: {{ .Values | toJson }}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const texts = [
  'web',
  '',
  'a,b',
  'a=b',
  '{x,y}',
  'x{y}',
  '[1]',
  '\\',
  'a\\,b',
  'true',
  'NULL',
  '0',
  '00',
  '-1',
  '+7',
];
const odd = [
  '1.5',
  '9223372036854775808',
  "it's",
  '$HOME `id` "q"',
  ' spaced ',
  'two\nlines',
  'ünï 🙂',
  '~',
  'a: b',
];
const others = [true, false, 0, -3, 42, 1.5, 9_007_199_254_740_994, [], {}, ['a', { b: 1 }], { c: [1] }];
const names = [
  'plain',
  'a.b',
  'a,b',
  'a=b',
  'a[0]',
  'back\\slash',
  "it's",
  'ünï',
  'sp ace',
  'app.kubernetes.io/name',
];

const values = {
  texts: Object.fromEntries([...texts, ...odd].map((text, index) => [`t${index}`, text])),
  others: Object.fromEntries(others.map((value, index) => [`o${index}`, value])),
  named: Object.fromEntries(names.map((name, index) => [name, index])),
  list: [{ name: 'first', tags: ['x', 'y'] }, 'second'],
};

/** Lists the arguments that set each part of the values, and the words that a shell makes of them. */
function writeArguments(): string[] {
  const parts: [string, unknown][] = Object.entries(values).flatMap(([group, entries]) =>
    Object.entries(entries).map(([name, value]): [string, unknown] => [
      joinPointer(`/${group}`, name),
      value,
    ]),
  );
  const lines = [...parts, ['/list/0/tags/1', 'y'] as const].map(([pointer, value]) =>
    writeSetArgument(pointer, value, values),
  );
  const script = `printf '%s\\0' ${lines.join(' ')}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describeHelms('arguments that set values', (helm) => {
  it('arguments, as a shell reads them, set exactly the values that they were written for', async () => {
    const { stdout, stderr } = await runHelm(
      helm,
      ['template', 'r', join(folder, 'chart'), ...writeArguments()],
      folder,
    );
    const line = stdout.split('\n').find((text) => text.startsWith('values: '));
    expect(line, stderr).toBeDefined();
    expect(JSON.parse(line?.slice('values: '.length) ?? '')).toMatchObject(values);
  });
});

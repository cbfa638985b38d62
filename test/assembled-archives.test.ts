import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultChartLimits as limits } from '../core/archive/limits.ts';
import { prepareChart } from '../core/chart/prepare.ts';
import { makeChart, makePlan } from '../core/recipe/compose.fixture.ts';
import { composeFiles } from '../core/recipe/compose.ts';
import { composePrepared } from '../core/recipe/compose-prepared.ts';

const run = promisify(execFile);

const lines = (count: number, word: string): string =>
  Array.from({ length: count }, (_, line) => `# ${word} ${line} of ${count}\n`).join('');

function source(name: string) {
  return makeChart({
    name,
    values: `${lines(2_000, name)}replicas: 1\nauth:\n  user: me\n${lines(2_000, 'end')}`,
    files: {
      'README.md': lines(3_000, 'read'),
      'templates/a.yaml': lines(400, 'a'),
      'files/empty': '',
      'crds/ü.yaml': lines(10, 'crd'),
      [`files/${'deep/'.repeat(30)}${'x'.repeat(80)}.txt`]: 'in the prefix field',
      [`files/${'deeper/'.repeat(60)}x.txt`]: 'in a pax header',
    },
  });
}

function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const python = `
import hashlib, json, sys, tarfile
with tarfile.open(sys.argv[1], 'r:gz') as archive:
    print(json.dumps({m.name: hashlib.sha256(archive.extractfile(m).read()).hexdigest() for m in archive}))
`;

const go = `package main

import ("archive/tar"; "compress/gzip"; "crypto/sha256"; "encoding/hex"; "encoding/json"; "io"; "os")

func check(err error) { if err != nil { panic(err) } }

func main() {
	file, err := os.Open(os.Args[1]); check(err)
	unzipped, err := gzip.NewReader(file); check(err)
	archive := tar.NewReader(unzipped)
	found := map[string]string{}
	for {
		header, err := archive.Next()
		if err == io.EOF { break }
		check(err)
		bytes, err := io.ReadAll(archive); check(err)
		sum := sha256.Sum256(bytes)
		found[header.Name] = hex.EncodeToString(sum[:])
	}
	_, err = io.Copy(io.Discard, unzipped); check(err)
	unzipped.Multistream(false)
	check(json.NewEncoder(os.Stdout).Encode(found))
}
`;

describe('an archive that was assembled', () => {
  let folder: string;
  let file: string;
  let wanted: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assembled-'));
    file = join(folder, 'shop.tgz');
    const config = { replicas: 2, auth: { user: 'you' } };
    const [web, db] = [source('web'), source('db')];
    const { plan, sources } = makePlan({
      chart: web,
      config,
      children: { one: { chart: db }, two: { chart: db } },
    });
    const ready = [...sources].map(
      ([digest, chart]) => [digest, { chart, prepared: prepareChart(chart) }] as const,
    );
    const { archive } = await composePrepared(plan, new Map(ready), limits);
    await writeFile(file, archive);
    const { files } = composeFiles(plan, sources, limits);
    const hashed = files.map(([path, bytes]) => [
      `shop/${path}`,
      createHash('sha256').update(bytes).digest('hex'),
    ]);
    wanted = Object.fromEntries(hashed);
  });

  afterAll(() => rm(folder, { recursive: true }));

  it.skipIf(!has('gzip', '--version'))(
    'an assembled archive is one whole gzip member (skipped without gzip)',
    async () => {
      expect(await run('gzip', ['-t', file])).toEqual({ stdout: '', stderr: '' });
    },
  );

  it.skipIf(!has('tar', '--version'))(
    'an assembled archive is read by tar (skipped without tar)',
    async () => {
      const { stdout } = await run('tar', ['-tzf', file, '--quoting-style=literal'], {
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      expect(stdout.trim().split('\n').sort()).toEqual(Object.keys(wanted).sort());
      const { stdout: sums } = await run('tar', ['-xzf', file, '--to-command=sha256sum']);
      expect(sums.match(/[0-9a-f]{64}/g)?.sort()).toEqual(Object.values(wanted).sort());
    },
  );

  it.skipIf(!has('python3', '--version'))(
    'an assembled archive is read by Python (skipped without python3)',
    async () => {
      const { stdout } = await run('python3', ['-c', python, file]);
      expect(JSON.parse(stdout)).toEqual(wanted);
    },
  );

  it.skipIf(!has('go', 'version'))(
    'an assembled archive is read by Go (skipped without go)',
    async () => {
      const program = join(folder, 'main.go');
      await writeFile(program, go);
      const { stdout } = await run('go', ['run', program, file]);
      expect(JSON.parse(stdout)).toEqual(wanted);
    },
    240_000,
  );
});

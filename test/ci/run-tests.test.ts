import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-registry-run-tests-'));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', scripts: { test: 'vitest run' } }),
  );
  await writeFile(
    join(folder, 'vitest.config.ts'),
    `import { WriteReport } from '${resolve('test/ci/report.ts')}';
     const reporters = ['default', new WriteReport(process.env.TEST_REPORT)];
     export default { test: { reporters, projects: [{ test: { name: 'all', include: ['**/*.test.js'] } }] } };`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs tests as CI does. @returns its output, exit code and report */
async function runAsCi(name: string, files: Record<string, string>) {
  await mkdir(join(folder, name));
  for (const [file, text] of Object.entries(files)) {
    await writeFile(join(folder, name, file), `import { afterAll, expect, it } from 'vitest';\n${text}`);
  }
  const report = join(folder, `${name}.json`);
  const args = ['--import', resolve('node_modules/tsx/dist/loader.mjs'), resolve('test/ci/run-tests.ts')];
  const { code, output } = await new Promise<{ code: unknown; output: string }>((done) => {
    execFile(process.execPath, [...args, report, `${name}/`], { cwd: folder }, (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
  return { code, output, report: JSON.parse(await readFile(report, 'utf8')) };
}

/** Test that fails only in the first run of its folder, and leaves behind what lets a second try in it fail, too. */
const unsteady = (name: string) => `
import { existsSync, writeFileSync } from 'node:fs';
const marker = '${name}/ran';
const isFirst = !existsSync(marker);
writeFileSync(marker, '');
it('is unsteady', () => expect(isFirst, 'first run').toBe(false));
it('is steady', () => {});`;

/** Test that fails in the first run, and is skipped in the second. */
const failsOrIsSkipped = `
import { existsSync, writeFileSync } from 'node:fs';
const isFirst = !existsSync('twice/begun');
writeFileSync('twice/begun', '');
it.skipIf(!isFirst)('fails', () => expect(1).toBe(2));
it('passes', () => {});`;

it('a file that fails in the run and passes alone is named, and its tests count once', async () => {
  const { code, output, report } = await runAsCi('once', {
    'unsteady.test.js': unsteady('once'),
    'steady.test.js': "it('is steady', () => {});",
    'skipped.test.js': "it.skip('is left out', () => {});",
  });
  expect([code, report], output).toEqual([0, { passed: 3, failed: 0 }]);
  expect(output).toMatch(/to be mended:\n {2}once\/unsteady\.test\.js \(all\)\n {4}is unsteady: first run/);
});

it('a test, or a hook, that fails twice fails the run, and one that is skipped at its second run', async () => {
  const { code, output, report } = await runAsCi('twice', {
    'unsteady.test.js': unsteady('twice'),
    'test.test.js': "it('passes', () => {});\nit('fails', () => expect(1).toBe(2));",
    'hook.test.js': "afterAll(() => { throw new Error('late'); });\nit('passes', () => {});",
    'skipped.test.js': failsOrIsSkipped,
  });
  expect([code, report], output).toEqual([1, { passed: 5, failed: 3 }]);
});

it('a file whose process dies fails the run at once', async () => {
  const { code, output, report } = await runAsCi('dead', {
    'unsteady.test.js': unsteady('dead'),
    'dead.test.js': "it('dies', () => process.kill(process.pid, 'SIGKILL'));",
  });
  expect([code, report], output).toEqual([1, { passed: 1, failed: 2 }]);
  expect(output).toContain('1 files without a result');
  expect(output).not.toContain('run again');
});

it('an error that no test has fails the run at once', async () => {
  const { code, output, report } = await runAsCi('outside', {
    'outside.test.js':
      "it('passes', async () => { Promise.reject(new Error('lost')); await new Promise(setImmediate); });",
  });
  expect([code, report], output).toEqual([1, { passed: 1, failed: 1 }]);
});

it('many files that fail are not run again', async () => {
  const failing = Array.from({ length: 9 }, (_, index) => [
    `${index}.test.js`,
    "it('fails', () => expect(1).toBe(2));",
  ]);
  const { code, output, report } = await runAsCi('many', Object.fromEntries(failing));
  expect([code, report], output).toEqual([1, { passed: 0, failed: 9 }]);
  expect(output).not.toContain('run again');
});

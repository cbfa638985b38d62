import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FailedFile, type Report, reportSchema } from './report.ts';

// Runs the tests as CI does: a file that failed is run once more, alone, and named.
//   node --import tsx test/ci/run-tests.ts REPORT [ARGUMENT OF THE TEST COMMAND]...

/** Files that are run again, at most. More have a common cause, which a second run would only repeat. */
const maxRerunFiles = 8;

const [target = '', ...args] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const folder = await mkdtemp(join(tmpdir(), 'helm-registry-tests-'));
try {
  const result = await runAsCi();
  await writeFile(target, JSON.stringify(result));
  process.exitCode = result.failed > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs the tests, and again the files that failed. @returns the tests that passed and failed in the end */
async function runAsCi(): Promise<{ passed: number; failed: number }> {
  const first = await runTests(args);
  const { failedFiles } = first;
  const outside = countOutside(first);
  if (outside > 0) say(`${first.unhandled} errors outside of tests, ${first.lost} files without a result`);
  if (outside > 0 || failedFiles.length > maxRerunFiles) {
    return { passed: first.passed, failed: first.failed + outside };
  }
  let { passed, failed } = first;
  const unsteady: FailedFile[] = [];
  for (const file of failedFiles) {
    say(`run again, alone: ${file.file} (${file.project})`);
    const again = await runTests(['--project', file.project, file.file]);
    // A test that was skipped this time has not passed.
    const missing = Math.max(1, file.tests) - again.passed - again.failed;
    const failedAgain = again.failed + countOutside(again) + Math.max(0, missing);
    passed += again.passed - file.passed;
    failed += failedAgain - file.failed;
    if (failedAgain === 0) unsteady.push(file);
  }
  if (unsteady.length > 0) say('failed in the run, passed alone, and to be mended:');
  for (const { file, project, faults } of unsteady) {
    for (const line of [`${file} (${project})`, ...faults.map((fault) => `  ${fault}`)]) say(`  ${line}`);
  }
  return { passed, failed };
}

/** Counts the faults of a run that no test has. A process that dies is an error, and loses its file. */
function countOutside({ unhandled, lost }: Report): number {
  return Math.max(unhandled, lost);
}

/** Runs the test command with arguments. @throws {Error} when it ended without a report, or failed for no test */
async function runTests(commandArgs: readonly string[]): Promise<Report> {
  const path = join(folder, 'report.json');
  await rm(path, { force: true });
  const child = spawn('npm', ['test', '--', ...commandArgs], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TEST_REPORT: path },
  });
  const [code] = await once(child, 'exit');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(`the test command ended with ${code}, and without a report`);
  });
  const report = reportSchema.parse(JSON.parse(text));
  if (code !== 0 && report.failed + report.unhandled === 0) {
    throw new Error(`the test command failed with ${code}, and no test did`);
  }
  return report;
}

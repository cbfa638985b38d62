import { cp, mkdir, mkdtemp, rename, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../core/db/embedded.ts';
import { migrate } from '../../core/db/migrate.ts';
import { migrateQueue } from '../../core/queue/migrate.ts';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { hasChromium } from '../web/support/find-chromium.ts';
import { buildImage, type Image } from './compose/image.ts';
import { missingForCompose } from './compose/missing.ts';
import { announceProgram } from './environment.ts';
import { missingHelms } from './helm/program.ts';
import { missingForPatches } from './patch-programs.ts';
import { templateName } from './postgres.ts';
import { hasRelease } from './released.ts';
import { isAvailable } from './servers/program.ts';

// Durability is off for speed: tests of durability start a PostgreSQL of their own.
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' };

declare module 'vitest' {
  interface ProvidedContext {
    image: Image;
  }
}

/**
 * Starts the PostgreSQL of a test run and migrates the template database. The program is built as the Dockerfile
 * does; with TEST_IMAGE into that folder, where later runs find it.
 * @returns stops the server and removes all files
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(await chooseFolder(), 'helm-registry-test-'));
  const keptImage = process.env.TEST_IMAGE;
  const imageFolder = keptImage ?? (await mkdtemp(join(tmpdir(), 'helm-registry-image-')));
  const log = { info: () => undefined, error: (message: string) => project.vitest.logger.error(message) };
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  const end = async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
    if (keptImage === undefined) await rm(imageFolder, { recursive: true, force: true });
    const missing = missingForCompose();
    if (missing.length > 0) {
      project.vitest.logger.log(`left out: the interface on Redis and MinIO: ${missing.join(', ')}`);
    }
    const helms = missingHelms();
    if (helms.length > 0) project.vitest.logger.log(`left out: rendering with Helm: ${helms.join(', ')}`);
    const programs = missingForPatches().map((program) => `no \`${program}\` on the PATH`);
    if (!isAvailable('promtool', ['--version']))
      project.vitest.logger.log('left out: alert rules: no `promtool` on the PATH');
    if (!hasRelease())
      project.vitest.logger.log('left out: upgrades of the last release: this clone lacks its history');
    if (!hasChromium()) project.vitest.logger.log('left out: the page in a browser: no Chromium');
    if (programs.length > 0)
      project.vitest.logger.log(`left out: diffs that patch applies: ${programs.join(', ')}`);
  };
  try {
    const [image] = await Promise.all([buildImage(imageFolder), makeTemplate(postgres.url)]);
    project.provide('image', image);
    announceProgram(join(image.folder, 'dist/cli/main.js'));
    // Registries in the process of the tests serve the page of these sources too.
    const page = fileURLToPath(new URL('dist/web', packageFolder));
    await mkdir(dirname(page), { recursive: true });
    const copied = await mkdtemp(`${page}-`);
    await cp(join(image.folder, 'dist/web'), copied, { recursive: true });
    // Without the files of earlier builds, which this one may have lost.
    await rm(page, { recursive: true, force: true });
    await rename(copied, page);
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('postgresUrl', postgres.url);
  return end;
}

async function makeTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${templateName}`);
  await client.end();
  const template = new URL(url);
  template.pathname = templateName;
  await migrate({ url: template.href, also: [migrateQueue] });
}

/**
 * Chooses `/dev/shm` where it has 1 GiB free: a database is some three hundred files, and creating those on a disk takes
 * up to half a second. Containers often have only 64 MiB there.
 */
async function chooseFolder(): Promise<string> {
  const memory = '/dev/shm';
  const free = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return free > 1024 ** 3 ? memory : tmpdir();
}

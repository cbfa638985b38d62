import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { listParts } from './list-parts.ts';

// `npm run sbom`: prints the list of the parts that the image and the packed program have of npm.

// Images have this system.
const platform = { os: 'linux', cpu: process.arch };
const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
const { stdout } = await promisify(execFile)('npm', args, { maxBuffer: 64 * 1024 * 1024 });
const lock: unknown = JSON.parse(await readFile('package-lock.json', 'utf8'));
process.stdout.write(`${JSON.stringify(listParts(JSON.parse(stdout), lock, platform), null, 2)}\n`);

import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describeSettings, exampleSettings } from '../core/config/describe.ts';
import { packageFolder } from '../core/runtime/package-folder.ts';
import { startRegistry } from './support/registry.ts';

const readme = await readFile(new URL('README.md', packageFolder), 'utf8');

/** What stands between two marks of the README. */
function between(mark: string): string {
  return readme.split(`<!-- ${mark} -->\n`)[1]?.split(`<!-- /${mark} -->`)[0] ?? '';
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('the README', () => {
  it('lists the settings that there are: `npm run docs` writes them', async () => {
    expect(between('settings').trimEnd()).toBe(describeSettings());
    expect(await readFile(new URL('config.example.yaml', packageFolder), 'utf8')).toBe(exampleSettings());
  });

  it.skipIf(!has('curl') || !has('tar'))('has a walk that works as pasted (needs curl and tar)', async () => {
    const registry = await startRegistry();
    const script = between('walk').replace(/```(sh)?\n/g, '');
    expect(script).toContain('http://127.0.0.1:8099');
    const walk = async () => {
      const args = ['-ec', script.replace('http://127.0.0.1:8099', registry.url)];
      return (await promisify(execFile)('sh', args, { cwd: packageFolder })).stdout;
    };
    try {
      // Twice, since it leaves nothing behind.
      await walk();
      const stdout = await walk();
      expect(stdout).toContain(
        '{"space":"examples","chart":"shop","version":"1.0.0","link":"/api/v1/spaces/examples/charts/shop/versions/1.0.0"}',
      );
      expect(stdout).toContain('shop/charts/sessions/Chart.yaml');
    } finally {
      await registry.close();
    }
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FolderInUseError, StartError } from '../../runtime/startup-error.ts';
import { lockFolder } from './folder-lock.ts';

const program = fileURLToPath(new URL('folder-lock.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

describe('the lock of a data folder', () => {
  it('locks a data folder for one process until it is released', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(FolderInUseError);
    await lock.release();
    await (await lockFolder(folder)).release();
  });

  it('gives the lock of a data folder to one of many concurrent callers', async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(locks).toHaveLength(1);
    await locks[0]?.release();
  });

  it('frees the lock of a data folder when its process is killed, although a child lives on', async () => {
    const script = `
      const { lockFolder } = await import(${JSON.stringify(program)});
      const { spawn } = await import('node:child_process');
      await lockFolder(process.argv[1]);
      const child = spawn('sleep', ['30'], { detached: true, stdio: 'ignore' });
      process.stdout.write(child.pid + '\\n');
      setInterval(() => undefined, 1000);`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script, folder];
    const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(holder.stdout, 'data');
    const started = Number(String(line));
    try {
      await expect(lockFolder(folder)).rejects.toThrow(FolderInUseError);
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
      await (await lockFolder(folder)).release();
    } finally {
      process.kill(started, 'SIGKILL');
    }
  });

  it('makes the lock file readable by its owner alone, in a folder that others may enter', async () => {
    await chmod(folder, 0o755);
    const lock = await lockFolder(folder);
    expect((await stat(join(folder, 'lock'))).mode & 0o777).toBe(0o600);
    await lock.release();
  });

  it.skipIf(process.platform !== 'linux')(
    'locks a data folder although another process binds its name as a socket (Linux only)',
    async () => {
      const { dev, ino } = await stat(folder);
      const squatter = createServer().listen(`\0${`helm-registry:${dev}:${ino}:`.padEnd(107, '.')}`);
      onTestFinished(() => void squatter.close());
      await once(squatter, 'listening');
      await (await lockFolder(folder)).release();
    },
  );

  it('refuses a lock file that is a symbolic link', async () => {
    await symlink('/dev/null', join(folder, 'lock'));
    await expect(lockFolder(folder)).rejects.toThrow(StartError);
  });
});

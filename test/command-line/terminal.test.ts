import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packChart } from '../support/charts.ts';
import { buildCommandLine, type CommandLine, type CommandLineUser } from '../support/command-line.ts';
import { openRepository } from '../support/oci.ts';
import { outputOf } from '../support/process.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import { isAvailable } from '../support/servers/program.ts';

const hasScript = isAvailable('script', ['--version']);
const hasShell = (shell: string) => isAvailable(shell, ['--version']);

let commandLine: CommandLine;
let registry: TestRegistry;
beforeAll(async () => {
  commandLine = await buildCommandLine();
  registry = await startRegistry();
  const files = { 'README.md': '# Web \u001b]0;other title\u0007\n' };
  const manifest = { description: 'A web front end' };
  await registry.upload('team', { name: 'web', version: '1.0.0', manifest, files });
  for (let patch = 0; patch < 200; patch += 1)
    await registry.upload('many', { name: 'web', version: `1.0.${patch}` });
}, 120_000);
afterAll(async () => {
  await registry?.close();
});

const createUser = (environment = {}) =>
  commandLine.createUser({ HELM_REGISTRY_URL: registry.url, ...environment });

/** Runs a command on a terminal of its own, on which a person types. @returns all that the terminal shows */
async function onTerminal(user: CommandLineUser, args: string[], typed = '') {
  const command = [process.execPath, join(commandLine.folder, 'helm-registry.js'), ...args].join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: user.home,
    env: { ...user.environment, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = outputOf(child);
  // A line that is typed before the question would be echoed by the terminal itself.
  if (typed !== '') {
    await once(child.stdout, 'data');
    child.stdin.write(typed);
  }
  const { code, stdout } = await output;
  return { code, shown: stdout };
}

describe('output', () => {
  it('a reader that leaves after a line ends the command without an error', async () => {
    const user = await createUser();
    const program = join(commandLine.folder, 'helm-registry.js');
    // The list is longer than a pipe holds, so the rest of it meets a reader that is gone.
    const script = `set -o pipefail; node ${program} list many/web -o json | head -n 1`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { env: user.environment });
    expect({ stdout, stderr }).toEqual({ stdout: '[\n', stderr: '' });
  });

  it('standard input that is closed is no fault of a command that does not read it, and one of a push from it', async () => {
    const user = await createUser();
    const program = join(commandLine.folder, 'helm-registry.js');
    const closed = (args: string) =>
      promisify(execFile)('bash', ['-c', `node ${program} ${args} <&-`], { env: user.environment });
    expect((await closed('list team -o name')).stdout).toBe('team/web\n');
    await expect(closed('push team -')).rejects.toMatchObject({ code: 1 });
    await expect(closed('login -u ana')).rejects.toMatchObject({ code: 2 });
  });

  it('lists are JSON, YAML, names or a table, and no format has colours or progress off a terminal', async () => {
    const user = await createUser();
    const json = await user.run(['list', 'many/web', '--limit', '2', '-o', 'json']);
    expect(JSON.parse(json.stdout).map(({ version }: { version: string }) => version)).toEqual([
      '1.0.199',
      '1.0.198',
    ]);
    const yaml = await user.run(['list', '-o', 'yaml', '--filter', 'team']);
    expect(yaml.stdout).toMatch(/^- name: team\n/);
    const table = await user.run(['list', 'team']);
    expect(table.stdout).toMatch(/^CHART +LATEST .*\nweb +1\.0\.0 .* A web front end\n$/);
    expect(table.stderr).toBe('');
    const deeper = openRepository(registry, 'team/deep/notes');
    await deeper.pushArtifact('v1', 'notes');
    const told = await user.run(['list', 'team', '-o', 'name']);
    expect(told).toMatchObject({ code: 0, stdout: 'team/web\n' });
    expect(told.stderr).toMatch(
      /^team has 1 OCI repository deeper than team\/NAME, .*\/spaces\/team\/repositories\n$/,
    );
    await registry.request('/v2/team/deep/notes/manifests/v1', { method: 'DELETE' });
    expect((await user.run(['list', '-o', 'xml'])).code).toBe(2);
    expect((await user.run(['list', '--range', '1'])).code).toBe(2);
  });

  it.skipIf(!hasScript)('a table on a terminal has a bold heading, unless NO_COLOR is set', async () => {
    const user = await createUser();
    expect((await onTerminal(user, ['list', 'team'])).shown.startsWith('\u001b[1mCHART ')).toBe(true);
    user.environment.NO_COLOR = '1';
    const { shown } = await onTerminal(user, ['list', 'team']);
    expect(shown).toMatch(/^CHART /);
    expect(shown).not.toContain('\u001b');
  });

  it.skipIf(!hasScript)(
    'a file on a terminal has none of its control characters, in a pipe all',
    async () => {
      const user = await createUser();
      const { shown } = await onTerminal(user, ['show', 'readme', 'team/web']);
      expect(shown).toBe('# Web ]0;other title\r\n');
      const { stdout } = await user.run(['show', 'readme', 'team/web']);
      expect(stdout).toBe('# Web \u001b]0;other title\u0007\n');
    },
  );

  it.skipIf(!hasScript)('delete asks on a terminal, and does nothing but for a yes', async () => {
    const user = await createUser();
    await registry.upload('asked', { name: 'web', version: '1.0.0' });
    const no = await onTerminal(user, ['delete', 'asked/web:1.0.0'], 'no\n');
    expect(no.shown).toContain('Delete asked/web:1.0.0? [y/N]');
    expect(no.code).toBe(1);
    const yes = await onTerminal(user, ['delete', 'asked/web:1.0.0'], 'yes\n');
    expect(yes.code).toBe(0);
    expect((await registry.api('/spaces/asked/charts/web/versions')).status).toBe(404);
  });

  it.skipIf(!hasScript)('push shows its progress on a terminal', async () => {
    const user = await createUser();
    await writeFile(join(user.home, 'web.tgz'), await packChart({ name: 'web', version: '2.0.0' }));
    const { shown, code } = await onTerminal(user, ['push', 'shown', 'web.tgz']);
    expect(code).toBe(0);
    expect(shown).toContain('\r\u001b[K0 of 1  web.tgz');
  });
});

describe('completion', () => {
  /** Time in which names come: a busy registry may answer too late for a shell, which then gets no names. */
  const slow = { timeout: 30_000 };

  /** Completes a line as bash does. */
  async function complete(user: CommandLineUser, line: string): Promise<string[]> {
    const program = join(commandLine.folder, 'helm-registry.js');
    const script = `
      helm-registry() { node ${program} "$@"; }
      compopt() { :; }
      source <(helm-registry completion bash)
      COMP_LINE=${JSON.stringify(line)} COMP_POINT=${line.length}
      _helm_registry
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { env: user.environment });
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  }

  it('bash completes commands, options, their values, and names of the registry', async () => {
    const user = await createUser();
    expect(await complete(user, 'helm-registry com')).toEqual(['compose', 'compare', 'completion']);
    expect(await complete(user, 'helm-registry job w')).toEqual(['watch']);
    expect(await complete(user, 'helm-registry push --rep')).toEqual(['--replace']);
    expect(await complete(user, 'helm-registry list -o j')).toEqual(['json']);
    await expect.poll(() => complete(user, 'helm-registry push te'), slow).toEqual(['team']);
    await expect.poll(() => complete(user, 'helm-registry pull te'), slow).toEqual(['team/']);
    await expect.poll(() => complete(user, 'helm-registry pull team/'), slow).toEqual(['team/web']);
    // Bash takes the part before a colon for a word of its own.
    await expect.poll(() => complete(user, 'helm-registry show chart team/web:'), slow).toEqual(['1.0.0']);
    user.environment.HELM_REGISTRY_URL = 'http://127.0.0.1:1';
    expect(await complete(user, 'helm-registry pull te')).toEqual(['']);
  });

  /** Writes a script of a shell that knows the packed program and its completion. @returns its file */
  async function writeSetup(user: CommandLineUser, shell: string, more: string[] = []): Promise<string> {
    const { code, stdout } = await user.run(['completion', shell]);
    expect(code).toBe(0);
    const program = `node ${join(commandLine.folder, 'helm-registry.js')}`;
    const define =
      shell === 'fish'
        ? `function helm-registry; ${program} $argv; end`
        : `helm-registry() { ${program} "$@"; }`;
    const file = join(user.home, shell === 'zsh' ? '.zshrc' : 'setup');
    await writeFile(file, [...more, define, stdout].join('\n'));
    return file;
  }

  it.skipIf(!hasShell('fish'))(
    'fish completes commands, options and names of the registry (left out without fish)',
    async () => {
      const user = await createUser();
      const setup = await writeSetup(user, 'fish');
      const complete = async (line: string) => {
        const args = ['--no-config', '-c', `source ${setup}; complete -C ${JSON.stringify(line)}`];
        const options = { env: user.environment, cwd: user.home };
        const { stdout } = await promisify(execFile)('fish', args, options);
        return stdout.trim().split('\n').sort();
      };
      expect(await complete('helm-registry com')).toEqual(['compare', 'completion', 'compose']);
      expect(await complete('helm-registry push --rep')).toEqual(['--replace']);
      await expect.poll(() => complete('helm-registry pull team/w'), slow).toEqual(['team/web']);
      await expect
        .poll(() => complete('helm-registry show chart team/web:'), slow)
        .toEqual(['team/web:1.0.0']);
      // Files, where the program knows no words.
      expect(await complete('helm-registry push team set')).toEqual(['setup']);
    },
  );

  it.skipIf(!hasShell('zsh') || !hasScript)(
    'zsh completes commands, options and names of the registry (left out without zsh)',
    async () => {
      const user = await createUser();
      const output = join(user.home, 'completed');
      // Completes the line of the environment at the first prompt, notes the matches and the line, and ends.
      await writeSetup(user, 'zsh', [
        'autoload -U compinit && compinit -u -D',
        'compadd() {',
        '  local -a found',
        '  builtin compadd -O found "$@"',
        `  print -rl -- "\${found[@]}" >> ${output}`,
        '  builtin compadd "$@"',
        '}',
        'zle-line-init() {',
        '  BUFFER=$COMPLETED_LINE CURSOR=$#COMPLETED_LINE',
        '  zle complete-word',
        `  print -r -- "=$BUFFER" >> ${output}`,
        '  BUFFER=exit',
        '  zle accept-line',
        '}',
        'zle -N zle-line-init',
      ]);
      const complete = async (line: string) => {
        await rm(output, { force: true });
        const env = { ...user.environment, ZDOTDIR: user.home, COMPLETED_LINE: line, TERM: 'xterm' };
        await promisify(execFile)('script', ['-qec', 'zsh -d -i', '/dev/null'], { env });
        return (await readFile(output, 'utf8')).replace(/\n$/, '').split('\n');
      };
      expect(await complete('helm-registry com')).toEqual([
        'compose',
        'compare',
        'completion',
        '=helm-registry comp',
      ]);
      expect(await complete('helm-registry push --rep')).toEqual([
        '--replace',
        '=helm-registry push --replace ',
      ]);
      // No space follows a name that goes on.
      await expect
        .poll(() => complete('helm-registry pull te'), slow)
        .toEqual(['team/', '=helm-registry pull team/']);
      await expect
        .poll(() => complete('helm-registry show chart team/web:'), slow)
        .toEqual(['team/web:1.0.0', '=helm-registry show chart team/web:1.0.0 ']);
    },
  );
});

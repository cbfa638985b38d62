import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { cliOutput, serve } from '../support/process.ts';

const password = 'a sentence of several words';
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'access-commands-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command on the database, with a text on standard input. */
function run(command: string, input = '') {
  return cliOutput(command.split(' '), { DATABASE_URL: database.url, DATA_DIR: folder }, input);
}

/** Runs a command that must succeed. @returns its standard output */
async function output(command: string, input = ''): Promise<string> {
  const { code, stdout, stderr } = await run(command, input);
  expect([code, stderr.includes('helm-registry:')], stderr).toEqual([0, false]);
  return stdout;
}

/** Creates a reader of what the audit has of commands since its last call: command, action and main facts. */
function createCommandAudit(): () => Promise<string[]> {
  let last = 0;
  return async () => {
    const rows = await database.db.query<{ number: number; text: string }>(
      `SELECT number, concat_ws(' ', principal_kind, agent || ':', action, space, details ->> 'user',
                details ->> 'account', details ->> 'principal', details ->> 'owner', details ->> 'role',
                details ->> 'password') AS text
         FROM audit_events WHERE door = 'cli' AND outcome = 'done' AND number > $1 ORDER BY number`,
      [last],
    );
    last = rows.at(-1)?.number ?? last;
    return rows.map(({ text }) => text.replace('system helm-registry ', ''));
  };
}
const commandAudit = createCommandAudit();

describe('the commands that administer access', () => {
  it('add an admin with the password of standard input, and keep the last one', async () => {
    expect(await output('user add ana --admin', `${password}\n`)).toBe(
      'added user ana, admin of the registry\n',
    );
    expect((await run('user delete ana')).stderr).toMatch(/last enabled admin/);
    expect((await run('user add ana', password)).stderr).toMatch(/exists already/);
    expect((await run('user add eve', 'short\n')).stderr).toMatch(/too short/);
    expect((await run('user add eve', '')).stderr).toMatch(/no password came on standard input/);
    expect(await output('user list')).toMatch(/^NAME +ROLE +LOG-IN +STATE\nana +admin +password +enabled\n$/);
    // Refused commands have changed nothing.
    expect(await commandAudit()).toEqual(['user add: user.create ana admin']);
  });

  it('disable, enable and delete users, and give them roles', async () => {
    await output('user add bob --no-password');
    await output('user role bob creator');
    expect(await output('user list')).toMatch(/^bob +creator +none +enabled$/m);
    await output('user role bob none');
    await output('user disable bob');
    expect(await output('user list')).toMatch(/^bob +- +none +disabled$/m);
    await output('user enable bob');
    await output('user delete bob');
    expect(await output('user list')).not.toMatch(/^bob/m);
    expect((await run('user role ana emperor')).stderr).toMatch(/Allowed choices are/);
    await output('user password ana', 'another sentence of words\n');
    expect(await commandAudit()).toEqual([
      'user add: user.create bob',
      'user role: user.change bob creator',
      'user role: user.change bob',
      'user disable: user.change bob',
      'user enable: user.change bob',
      'user delete: user.delete bob',
      'user password: user.change ana changed',
    ]);
  });

  it('create spaces and change their settings', async () => {
    await output('space create docs --visibility public');
    expect((await run('space create docs')).stderr).toMatch(/exists already/);
    await output('space set docs --visibility internal --overwriting immutable');
    await output('space set docs --quota-bytes 1000 --quota-versions 7');
    await output('space set docs --quota-bytes default --quota-versions none');
    expect((await run('space set docs --quota-bytes many')).code).not.toBe(0);
    const rows = await database.db.query(
      `SELECT visibility, overwriting, quota_bytes AS bytes, quota_versions AS versions FROM spaces WHERE name = 'docs'`,
    );
    expect(rows).toEqual([{ visibility: 'internal', overwriting: 'immutable', bytes: null, versions: 0 }]);
    expect((await run('space set nowhere --visibility public')).stderr).toMatch(/There is no space nowhere/);
    expect(await commandAudit()).toEqual([
      'space create: space.create docs',
      ...Array(3).fill('space set: space.configure docs'),
    ]);
  });

  it('make tokens that a registry accepts, and end them', async () => {
    await output('account add ci --role creator');
    const token = (await output('token create account:ci --name pipeline --days 3')).trim();
    expect(token).toMatch(/^hrt_[a-z0-9]{16}_[\w-]{43}$/);
    const registry = await serve({ DATABASE_URL: database.url, DATA_DIR: folder, ACCESS: 'guarded' });
    onTestFinished(async () => {
      await registry.end('SIGTERM');
    });
    const client = createClient([registry.url], `Bearer ${token}`);
    expect((await client.upload('team', { name: 'web' })).status).toBe(201);
    expect(await output('space members team')).toMatch(/^account:ci +owner$/m);
    await output('user add carl --no-password');
    await output('space grant team user:carl reader');
    expect(await output('space members team')).toMatch(/^user:carl +reader$/m);
    await output('space revoke team user:carl');
    await output('token create user:carl --name laptop --days 30');
    const soon = await output('token list --expires-within 7');
    expect(soon).toMatch(/^\S+ +account:ci +pipeline +live /m);
    expect(soon).not.toContain('laptop');
    const all = await output('token list --expires-within 60');
    expect(all.indexOf('pipeline')).toBeLessThan(all.indexOf('laptop'));
    expect(await output('token list')).toContain('user:carl');
    expect((await run('token list --expires-within soon')).stderr).toContain('soon');
    const list = await output('token list account:ci');
    expect(list).not.toContain(token.slice(-43));
    await output(`token revoke ${token.split('_')[1]}`);
    // No process of the registry is told; the next request reads the rights anew.
    expect((await client.api('/spaces/team/charts')).status).toBe(401);
    expect(await output('token list account:ci')).toMatch(/pipeline +revoked/);
    await output('account delete ci');
    expect(await commandAudit()).toEqual([
      'account add: account.create ci creator',
      'token create: token.create account:ci',
      'user add: user.create carl',
      'space grant: member.set team user:carl reader',
      'space revoke: member.remove team user:carl',
      'token create: token.create user:carl',
      'token revoke: token.revoke account:ci',
      'account delete: account.delete ci',
    ]);
  });
});

describe('ADMIN_PASSWORD_FILE', () => {
  it('makes the first admin once, and refuses a poor password', async () => {
    const fresh = await createTestDatabase();
    onTestFinished(() => fresh.drop());
    const file = join(folder, 'admin-password');
    const environment = {
      DATABASE_URL: fresh.url,
      DATA_DIR: folder,
      ACCESS: 'guarded',
      ADMIN_PASSWORD_FILE: file,
    };
    await writeFile(file, 'short\n');
    const { code, stderr } = await cliOutput(['serve'], { ...environment, LISTEN: '127.0.0.1:0' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/ADMIN_PASSWORD_FILE: .*too short/)]);
    await writeFile(file, `${password}\n`);
    const registry = await serve(environment);
    const basic = (secret: string) => `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`;
    const get = (secret: string) => createClient([registry.url], basic(secret)).api('/spaces');
    expect([(await get(password)).status, (await get('another one')).status]).toEqual([200, 401]);
    await registry.end('SIGTERM');
    await writeFile(file, 'another sentence of words\n');
    await (await serve(environment)).end('SIGTERM');
    const rows = await fresh.db.query("SELECT name FROM principals WHERE registry_role = 'admin'");
    expect(rows).toEqual([{ name: 'admin' }]);
    const events = await fresh.db.query(
      "SELECT principal_kind AS by, door, agent, details FROM audit_events WHERE action = 'user.create'",
    );
    const details = { user: 'admin', role: 'admin' };
    expect(events).toEqual([{ by: 'system', door: 'cli', agent: 'ADMIN_PASSWORD_FILE', details }]);
  });
});

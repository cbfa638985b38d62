import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { openRegistryKeyRing } from './open-registry-key-ring.ts';

let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'registry-keys-'));
});
afterAll(async () => {
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

const warnings: string[] = [];
const log = { warn: (_: unknown, message?: string) => void warnings.push(message ?? '') };
const open = (file = '') => openRegistryKeyRing(file, test.db, log);
const makeLine = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const newestOf = async (file?: string) => (await open(file)).newest('sealing').id;

async function write(text: string, mode = 0o600): Promise<string> {
  const file = join(folder, crypto.randomUUID());
  await writeFile(file, text, { mode });
  await chmod(file, mode);
  return file;
}

describe('keys of a file', () => {
  it('a file of keys has the newest key first, and skips comments, empty lines and blanks', async () => {
    const file = await write(
      `# made in November\r\n\n  ${makeLine('2026-11')}  \r\n${makeLine('2026-10_b')}`,
    );
    const keys = await open(file);
    expect(keys.newest('sealing').id).toBe('2026-11');
    expect((await keys.find('registry tokens', '2026-10_b'))?.id).toBe('2026-10_b');
    expect(await keys.find('registry tokens', '2026-09')).toBeUndefined();
  });

  it('derives another subkey for each purpose and key, the same in every process', async () => {
    const file = await write(`${makeLine('b')}\n${makeLine('a')}\n`);
    const [one, other] = [await open(file), await open(file)];
    const exported = async (keys: typeof one) => [
      keys.newest('sealing').key.export().toString('hex'),
      keys.newest('registry tokens').key.export().toString('hex'),
      (await keys.find('sealing', 'a'))?.key.export().toString('hex'),
    ];
    expect(new Set(await exported(one)).size).toBe(3);
    expect(await exported(other)).toEqual(await exported(one));
  });

  it('opens with the keys of the database, and signs with none of them', async () => {
    const keys = await open(await write(makeLine('a')));
    expect((await keys.find('sealing', 'db-1'))?.id).toBe('db-1');
    expect(await keys.find('registry tokens', 'db-1')).toBeUndefined();
  });

  it('takes the key of the file where the database has one of that id', async () => {
    const secret = randomBytes(32).toString('base64');
    const keys = await open(await write(`db-1:${secret}`));
    const same = await open(await write(`${makeLine('new')}\ndb-1:${secret}`));
    const found = await same.find('registry tokens', 'db-1');
    expect(found?.key.equals(keys.newest('registry tokens').key)).toBe(true);
  });

  it('a file of keys is read again for an unknown id, and keeps its keys while it cannot be read', async () => {
    const first = makeLine('a');
    const file = await write(first);
    const keys = await open(file);
    await writeFile(file, `${makeLine('b')}\n${first}`);
    expect(keys.newest('sealing').id).toBe('a');
    expect((await keys.find('registry tokens', 'b'))?.id).toBe('b');
    expect(keys.newest('sealing').id).toBe('b');
    await rm(file);
    warnings.length = 0;
    expect(await keys.find('registry tokens', 'c')).toBeUndefined();
    expect((await keys.find('registry tokens', 'a'))?.id).toBe('a');
    expect(warnings).toEqual(['AUTH_KEYS_FILE can no longer be read; the keys that it had before are used']);
  });

  it.each([
    [0o600, 0],
    [0o640, 0],
    [0o644, 1],
    [0o602, 1],
  ])('a file of keys with mode %o warns %i times', async (mode, times) => {
    warnings.length = 0;
    expect(await newestOf(await write(makeLine('a'), mode))).toBe('a');
    expect(warnings.filter((text) => text.includes('chmod 600'))).toHaveLength(times);
  });
});

describe('a file of keys that is wrong', () => {
  const short = randomBytes(16).toString('base64');
  const good = makeLine('a');
  it.each([
    ['nothing', '', /has no key; make one with/],
    ['only comments', '# none yet\n', /has no key/],
    [
      'a line without an id',
      `${good}\n${randomBytes(32).toString('base64')}`,
      /, line 2: expected ID:BASE64/,
    ],
    ['an empty id', `:${good.slice(2)}`, /, line 1: expected ID:BASE64/],
    ['an id with a dot', `a.b:${good.slice(2)}`, /, line 1: expected ID:BASE64/],
    ['an id that is too long', `${'a'.repeat(65)}:${good.slice(2)}`, /, line 1: expected ID:BASE64/],
    ['text that is no base64', `a:${good.slice(2, -4)}!?==`, /, line 1: expected ID:BASE64/],
    ['base64 without its padding', good.replace(/=+$/, ''), /, line 1: expected ID:BASE64/],
    ['a short key', `# old\n\nb:${short}`, /, line 3: the key has 16 bytes; a key has 32/],
    ['a long key', `b:${randomBytes(33).toString('base64')}`, /, line 1: the key has 33 bytes/],
    ['one id twice', `${good}\n\n${makeLine('a')}`, /, line 3: line 1 has the same id/],
  ])('a file of keys with %s is refused with its place, and not quoted', async (_, text, message) => {
    const file = await write(text);
    const error: unknown = await open(file).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StartError', message: expect.stringMatching(message) });
    const shown = String(error);
    expect(shown).toContain(`AUTH_KEYS_FILE: ${file}`);
    for (const line of text.split('\n')) {
      const secret = line.slice(line.indexOf(':') + 1);
      if (!line.startsWith('#') && secret.length > 8) expect(shown).not.toContain(secret);
    }
  });

  it('a file of keys that is missing or a folder is refused with the remedy', async () => {
    const missing = join(folder, 'none');
    await expect(open(missing)).rejects.toThrow(`AUTH_KEYS_FILE: there is no file ${missing}; make one with`);
    const directory = join(folder, 'directory');
    await mkdir(directory);
    await expect(open(directory)).rejects.toThrow(`cannot read ${directory} (EISDIR)`);
  });
});

describe('keys of the database', () => {
  it('keys of the database are made by the migration, and a new row is found by its id', async () => {
    const keys = await open();
    expect(keys.newest('sealing').id).toBe('db-1');
    await test.db.query('INSERT INTO auth_keys DEFAULT VALUES');
    expect(await newestOf()).toBe('db-2');
    expect((await keys.find('registry tokens', 'db-2'))?.id).toBe('db-2');
    expect(keys.newest('sealing').id).toBe('db-2');
    expect((await keys.find('sealing', 'db-1'))?.id).toBe('db-1');
    const rows = await test.db.query<{ key: Buffer }>('SELECT key FROM auth_keys');
    expect(new Set(rows.map(({ key }) => key.toString('hex'))).size).toBe(2);
    await expect(test.db.query("INSERT INTO auth_keys (key) VALUES ('short')")).rejects.toThrow(
      'auth_keys_key_check',
    );
  });

  it('keys of the database that are gone stop a start, with the remedy', async () => {
    await test.db.query('DELETE FROM auth_keys');
    await expect(open()).rejects.toThrow(
      'set AUTH_KEYS_FILE, or make one in the database with `INSERT INTO auth_keys',
    );
    expect(await newestOf(await write(makeLine('a')))).toBe('a');
  });
});

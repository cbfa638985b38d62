import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedRegistry, startGuarded, type TestToken } from '../support/guarded.ts';
import { indexOf, openRepository, tagsOf } from '../support/oci.ts';
import { hasCosign, run } from '../support/oci-programs.ts';

let registry: GuardedRegistry;
let folder: string;
let host: string;
const tokens = new Map<string, TestToken>();

describe.skipIf(!hasCosign())('cosign with guarded access (left out without it on the PATH)', () => {
  beforeAll(async () => {
    registry = await startGuarded({}, { worker: false });
    host = new URL(registry.url).host;
    folder = await mkdtemp(join(tmpdir(), 'cosign-'));
    await registry.addSpace('shown', 'public');
    await registry.addSpace('closed', 'private');
    for (const role of ['publisher', 'maintainer', 'reader'] as const) {
      const user = await registry.addUser(role);
      for (const space of ['shown', 'closed']) await registry.setRole(user, space, role);
      tokens.set(role, await registry.addToken(user));
    }
    for (const space of ['shown', 'closed']) await registry.admin.upload(space, { name: 'web' });
    // Neither a transparency log nor an authority of times is asked, so that nothing leaves this machine.
    await as('nobody', 'signing-config', 'create', '--out', file('signing.json'));
    await as('nobody', 'trusted-root', 'create', '--out', file('root.json'));
    await as('nobody', 'generate-key-pair', '--output-key-prefix', file('test'));
    for (const [role, { text }] of tokens) await as(role, 'login', host, '-u', role, '-p', text);
  });
  afterAll(async () => {
    await registry?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const file = (name: string) => join(folder, name);
  /** Runs cosign with the credentials of somebody. */
  const cosign = async (who: string, ...args: string[]) => {
    await mkdir(file(who), { recursive: true });
    return run('cosign', args, { cwd: file(who), env: { COSIGN_PASSWORD: '' } });
  };
  /** Runs a command of cosign that must succeed. @returns its standard output */
  const as = async (who: string, ...args: string[]) => {
    const { code, stdout, stderr } = await cosign(who, ...args);
    if (code !== 0) throw new Error(`cosign ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const plain = '--allow-http-registry';
  const key = () => ['--key', file('test.key'), '--signing-config', file('signing.json')];
  const trust = () => ['--trusted-root', file('root.json')];
  const publicKey = () => ['--key', file('test.pub'), '--insecure-ignore-tlog', ...trust()];
  const at = async (space: string) => {
    const response = await registry.admin.request(`/v2/${space}/web/manifests/1.0.0`, { method: 'HEAD' });
    return `${host}/${space}/web@${response.headers.get('docker-content-digest')}`;
  };
  const sign = (image: string) => ['sign', '-y', plain, ...key(), ...trust(), image];
  const verify = (image: string) => ['verify', plain, ...publicKey(), image];
  const referrersOf = async (image: string) => {
    const [repository = '', digest = ''] = image.slice(host.length + 1).split('@');
    const list = await registry.admin.request(`/v2/${repository}/referrers/${digest}`);
    return (await indexOf(list)).manifests;
  };

  it.each(['shown', 'closed'])('a publisher signs a chart of a space that is %s', async (space) => {
    const image = await at(space);
    expect((await cosign('publisher', ...verify(image))).code).not.toBe(0);
    await as('publisher', ...sign(image));
    expect(await referrersOf(image)).toHaveLength(1);
    expect(await as('reader', ...verify(image))).toContain(image.split('@')[1]);
    expect(await as('reader', ...verify(`${host}/${space}/web:1.0.0`))).toContain(image.split('@')[1]);
  });

  it('everybody verifies what is public, and nobody else what is private', async () => {
    expect(await as('nobody', ...verify(await at('shown')))).toContain('cosign/sign');
    const refused = await cosign('nobody', ...verify(await at('closed')));
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('UNAUTHORIZED: Log in');
  });

  it.each(['reader', 'nobody'])('a %s signs nothing', async (who) => {
    for (const space of ['shown', 'closed']) {
      const image = await at(space);
      const before = await referrersOf(image);
      const { code, stderr } = await cosign(who, ...sign(image));
      expect([code, stderr]).toEqual([1, expect.stringMatching(/DENIED|UNAUTHORIZED/)]);
      expect(await referrersOf(image)).toEqual(before);
    }
  });

  it('a publisher attests, and attaches a signature under a tag, which only a maintainer removes', async () => {
    const image = await at('closed');
    await writeFile(file('predicate.json'), '{"tests":"passed"}');
    const predicate = ['--type', 'custom', '--predicate', file('predicate.json')];
    await as('publisher', 'attest', '-y', plain, ...key(), ...trust(), ...predicate, image);
    const attested = ['verify-attestation', '--type', 'custom', plain, ...publicKey(), image];
    expect(await as('reader', ...attested)).toContain('payload');
    expect((await cosign('nobody', ...attested)).code).toBe(1);
    await writeFile(file('payload'), 'payload');
    await writeFile(file('signature'), Buffer.from('signature').toString('base64'));
    const signature = ['--payload', file('payload'), '--signature', file('signature')];
    await as('publisher', 'attach', 'signature', plain, ...signature, image);
    const tag = `${image.split('@')[1]?.replace(':', '-')}.sig`;
    const tags = async () => tagsOf(await openRepository(registry.admin, 'closed/web').call('tags/list'));
    expect(await tags()).toEqual(['1.0.0', tag]);
    // The command succeeds all the same.
    expect((await cosign('publisher', 'clean', '-f', plain, image)).stderr).toContain('DENIED');
    expect(await referrersOf(image)).toHaveLength(2);
    await as('maintainer', 'clean', '-f', plain, image);
    expect([await tags(), await referrersOf(image)]).toEqual([['1.0.0'], []]);
  });
});

import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../cli/user/archives/digest.ts';
import { createClient } from '../../client/src/index.ts';
import { type ChartHost, startChartHost } from '../support/chart-host.ts';
import { packChart } from '../support/charts.ts';
import { buildCommandLine, type CommandLine, type CommandLineUser } from '../support/command-line.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await buildCommandLine();
  registry = await startRegistry();
});
afterAll(async () => {
  await registry?.close();
});

const createUser = () => commandLine.createUser({ HELM_REGISTRY_URL: registry.url });
const reportShape = z.array(
  z.looseObject({
    result: z.string(),
    chart: z.string().optional(),
    version: z.string().optional(),
    reason: z.string().optional(),
  }),
);
const reportOf = async (user: CommandLineUser, file = 'report.json') =>
  reportShape.parse(JSON.parse(await readFile(join(user.home, file), 'utf8')));
/** Reads the versions of a chart with digests and dates. */
async function versionsOf(space: string, chart: string) {
  const found: { version: string; digest: string; createdAt: string }[] = [];
  for await (const { version, digest, createdAt } of createClient({ url: registry.url })
    .space(space)
    .chart(chart)
    .versions())
    found.push({ version, digest, createdAt });
  return found;
}
/** Reads the provenance file of version 1.0.0; undefined where there is none. */
async function provenanceOf(space: string, chart: string): Promise<string | undefined> {
  const response = await registry.api(`/spaces/${space}/charts/${chart}/versions/1.0.0/provenance`);
  const text = await response.text();
  if (response.status === 404) return undefined;
  expect(response.status).toBe(200);
  return text;
}
/** Writes the part of `helm package --sign` that the registry checks, for version 1.0.0. */
const writeSignature = (name: string, archive: Buffer) =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: ${name}\nversion: 1.0.0\n\n...\nfiles:\n  ${name}-1.0.0.tgz: ${digestOf(archive)}\n-----BEGIN PGP SIGNATURE-----\n\nwsBcBAEBCgAQBQJ\n=abcd\n-----END PGP SIGNATURE-----\n`;
/** Starts a host with so many versions of a chart. */
async function startHost(count: number): Promise<ChartHost> {
  const host = await startChartHost();
  for (let patch = 0; patch < count; patch += 1)
    await host.add(
      { name: 'web', version: `1.0.${patch}` },
      { created: `2021-01-01T00:00:${String(patch).padStart(2, '0')}Z` },
    );
  return host;
}

/** Starts a way to the registry that can be shut, on an address of loopback where nobody else takes its port. */
async function startDoor() {
  const sockets = new Set<Socket>();
  const { hostname, port } = new URL(registry.url);
  const server = createServer((socket) => {
    const onward = connect(Number(port), hostname);
    for (const [each, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(each);
      each.on('error', () => other.destroy());
      each.on('close', () => {
        sockets.delete(each);
        other.destroy();
      });
      each.pipe(other);
    }
  });
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.77');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the door has no port');
    return address.port;
  };
  const own = await listen(0);
  const shut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(shut);
  return { url: `http://127.0.0.77:${own}`, shut, reopen: () => listen(own) };
}

describe('import', () => {
  it('copies the archives of a folder with their dates, and says what it leaves out', async () => {
    const user = await createUser();
    const folder = join(user.home, 'charts/web');
    await mkdir(folder, { recursive: true });
    const archive = await packChart({ name: 'web', version: '1.2.0' });
    await writeFile(join(folder, 'web-1.2.0.tgz'), archive);
    await utimes(
      join(folder, 'web-1.2.0.tgz'),
      new Date('2019-05-06T07:08:09Z'),
      new Date('2019-05-06T07:08:09Z'),
    );
    await writeFile(join(user.home, 'charts/backup.tgz'), 'no archive');
    await symlink(join(folder, 'web-1.2.0.tgz'), join(user.home, 'charts/link.tgz'));
    const first = await user.run(['import', 'charts', 'folder']);
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^3 versions: 1 left out, (?:2 pushed|1 present, 1 pushed)\n$/),
    });
    expect(first.stdout).toMatch(/left out +folder .*it is not a chart/);
    expect(await versionsOf('folder', 'web')).toEqual([
      { version: '1.2.0', digest: digestOf(archive), createdAt: '2019-05-06T07:08:09.000Z' },
    ]);
    expect(await user.run(['import', 'charts', 'folder'])).toMatchObject({
      stderr: '3 versions: 1 left out, 2 present\n',
    });
  });

  it('copies the provenance files of a folder, leaves out one that does not fit, and adds one that came later', async () => {
    const user = await createUser();
    const folder = join(user.home, 'signed');
    await mkdir(folder);
    for (const name of ['good', 'wrong', 'late']) {
      const archive = await packChart({ name });
      await writeFile(join(folder, `${name}.tgz`), archive);
      const text = writeSignature(name, name === 'wrong' ? Buffer.from('other') : archive);
      if (name !== 'late') await writeFile(join(folder, `${name}.tgz.prov`), text);
    }
    const first = await user.run(['import', 'signed', 'folder-prov']);
    expect(first).toMatchObject({ code: 0, stderr: '3 versions: 3 pushed\n' });
    expect(first.stdout).toMatch(/^pushed +folder-prov +wrong +1\.0\.0 +its provenance file is left out: /m);
    expect(first.stdout).not.toContain('good');
    expect(await provenanceOf('folder-prov', 'good')).toBe(
      await readFile(join(folder, 'good.tgz.prov'), 'utf8'),
    );
    expect(await provenanceOf('folder-prov', 'wrong')).toBeUndefined();
    const late = writeSignature('late', await readFile(join(folder, 'late.tgz')));
    await writeFile(join(folder, 'late.tgz.prov'), late);
    const second = await user.run(['import', 'signed', 'folder-prov']);
    expect(second).toMatchObject({ code: 0, stderr: '3 versions: 1 signed, 2 present\n' });
    // A reason that stays is told again.
    expect(second.stdout).toMatch(/^present +folder-prov +wrong .* its provenance file is left out: /m);
    expect(await provenanceOf('folder-prov', 'late')).toBe(late);
  });

  it('copies the provenance files of a chart repository likewise, and a hidden one is none', async () => {
    const [user, host] = [await createUser(), await startChartHost()];
    for (const name of ['good', 'wrong', 'late', 'hidden']) {
      const archive = await packChart({ name });
      const text = writeSignature(name, name === 'wrong' ? Buffer.from('other') : archive);
      await host.add({ name }, { archive, ...(name === 'late' ? {} : { provenance: Buffer.from(text) }) });
    }
    host.setFault(
      (path, response) => path.endsWith('hidden-1.0.0.tgz.prov') && Boolean(response.writeHead(403).end()),
    );
    const first = await user.run(['import', host.url, 'http-prov']);
    expect(first).toMatchObject({ code: 0, stderr: '4 versions: 4 pushed\n' });
    expect(first.stdout).toMatch(/^pushed +http-prov +wrong .* its provenance file is left out: /m);
    const [good, , late] = host.versions;
    expect(await provenanceOf('http-prov', 'good')).toBe(good?.provenance?.toString());
    expect(await provenanceOf('http-prov', 'wrong')).toBeUndefined();
    if (late) late.provenance = Buffer.from(writeSignature('late', late.archive));
    const before = host.requests.length;
    expect(await user.run(['import', host.url, 'http-prov'])).toMatchObject({
      code: 0,
      stderr: '4 versions: 1 signed, 3 present\n',
    });
    expect(await provenanceOf('http-prov', 'late')).toBe(late?.provenance?.toString());
    // Archives are not read again, and nothing of a version that is signed.
    expect(
      host.requests
        .slice(before)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([
      '/charts/hidden-1.0.0.tgz.prov',
      '/charts/index.yaml',
      '/charts/late-1.0.0.tgz.prov',
      '/charts/wrong-1.0.0.tgz.prov',
    ]);
  });

  it('takes the dates of a folder from its index by digest, else by name and version, else from the file', async () => {
    const user = await createUser();
    const folder = join(user.home, 'pages');
    const time = new Date('2024-05-06T07:08:09Z');
    await mkdir(join(folder, 'old'), { recursive: true });
    const put = async (file: string, name: string) => {
      const archive = await packChart({ name });
      await writeFile(join(folder, file), archive);
      await utimes(join(folder, file), time, time);
      return digestOf(archive).replace('sha256:', '');
    };
    const digest = await put('digest-1.0.0.tgz', 'digest');
    await put('old/named-1.0.0.tgz', 'named');
    await put('unlisted-1.0.0.tgz', 'unlisted');
    const entries = {
      // An entry of the name with other bytes, as an index has it whose chart was packed again.
      digest: [
        { version: '1.0.0', created: '2018-01-01T00:00:00Z', digest: '0'.repeat(64) },
        { version: '1.0.0', created: '2019-01-01T00:00:00Z', digest },
      ],
      named: [{ version: '1.0.0', created: '2020-01-01T00:00:00.5Z' }],
    };
    await writeFile(join(folder, 'index.yaml'), JSON.stringify({ apiVersion: 'v1', entries }));
    expect(await user.run(['import', 'pages/', 'dated'])).toMatchObject({
      code: 0,
      stderr: '3 versions: 3 pushed\n',
    });
    const dates = await Promise.all(
      ['digest', 'named', 'unlisted'].map(async (chart) => (await versionsOf('dated', chart))[0]?.createdAt),
    );
    expect(dates).toEqual([
      '2019-01-01T00:00:00.000Z',
      '2020-01-01T00:00:00.500Z',
      '2024-05-06T07:08:09.000Z',
    ]);
    // An index that cannot be read is told of, since its dates are not used.
    await writeFile(join(folder, 'index.yaml'), '<html>404</html>');
    const told = await user.run(['import', 'pages/', 'undated', '-o', 'json']);
    expect(told).toMatchObject({ code: 0, stderr: '4 versions: 1 left out, 3 pushed\n' });
    expect(JSON.parse(told.stdout)).toContainEqual({
      result: 'left out',
      space: 'undated',
      from: join(folder, 'index.yaml'),
      reason: 'it cannot be read as an index: archives beside it and below have the times of their files',
    });
    expect((await versionsOf('undated', 'named'))[0]?.createdAt).toBe('2024-05-06T07:08:09.000Z');
  });

  it('makes each folder a space where none is named', async () => {
    const user = await createUser();
    for (const tenant of ['tenant-a', 'tenant-b']) {
      await mkdir(join(user.home, 'storage', tenant, 'db/1.0.0'), { recursive: true });
      await writeFile(
        join(user.home, 'storage', tenant, 'db/1.0.0/chart.tgz'),
        await packChart({ name: 'db' }),
      );
    }
    expect(await user.run(['import', 'storage', '--dry-run'])).toMatchObject({
      code: 0,
      stderr: '2 versions: 2 wanted\n',
    });
    expect(await user.run(['import', 'storage'])).toMatchObject({
      code: 0,
      stderr: '2 versions: 2 pushed\n',
    });
    expect(await versionsOf('tenant-b', 'db')).toHaveLength(1);
    // Nothing vanishes in silence: archives beside the folders, folders without any, and damaged ones are told of.
    await mkdir(join(user.home, 'storage/empty'));
    const whole = await packChart({ name: 'cut', files: { big: 'x'.repeat(50_000) } });
    await writeFile(join(user.home, 'storage/loose.tgz'), whole);
    await writeFile(join(user.home, 'storage/tenant-a/cut.tgz'), whole.subarray(0, 60));
    const unpacked = join(user.home, 'storage/tenant-b/web');
    await mkdir(join(unpacked, 'charts'), { recursive: true });
    await writeFile(join(unpacked, 'Chart.yaml'), 'name: web\nversion: 1.0.0\n');
    await writeFile(join(unpacked, 'charts/db-2.0.0.tgz'), await packChart({ name: 'db', version: '2.0.0' }));
    const told = await user.run(['import', 'storage']);
    expect(told).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('6 versions: 1 failed, 2 present, 3 left out'),
    });
    for (const reason of ['no folder', 'no archives', 'damaged', 'not packed'])
      expect(told.stdout).toContain(reason);
  });

  it('makes each tenant in the storage of ChartMuseum a space, however deep, and mixes none', async () => {
    const user = await createUser();
    const put = async (tenant: string, owner: string) => {
      const folder = join(user.home, 'museum', tenant);
      await mkdir(folder, { recursive: true });
      await writeFile(
        join(folder, 'db-1.0.0.tgz'),
        await packChart({ name: 'db', version: '1.0.0', values: { owner } }),
      );
      return folder;
    };
    const folders = [await put('org/a', 'a'), await put('org/b', 'b')];
    // Without the files of ChartMuseum nothing tells that they are two tenants, but their charts collide.
    const refused = await user.run(['import', 'museum', '--dry-run']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('are both db 1.0.0') });
    expect(refused.stderr).toContain('import each of them with the name of its space');
    for (const folder of folders) await writeFile(join(folder, 'index-cache.yaml'), 'entries: {}\n');
    await put('org', 'org');
    expect(await user.run(['import', 'museum'])).toMatchObject({ code: 0, stderr: '3 versions: 3 pushed\n' });
    const digests = await Promise.all(
      ['org', 'org-a', 'org-b'].map(async (space) => (await versionsOf(space, 'db'))[0]?.digest),
    );
    expect(new Set(digests).size).toBe(3);
    await put('org-a', 'other');
    expect(await user.run(['import', 'museum'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('would both be the space org-a'),
    });
  });

  it('copies a chart repository byte for byte, with dates, and reads no archive twice', async () => {
    const [user, host] = [await createUser(), await startHost(12)];
    const result = await user.run(['import', `${host.url}/index.yaml`, 'copy', '--report', 'report.json']);
    expect(result).toEqual({ code: 0, stdout: expect.any(String), stderr: '12 versions: 12 pushed\n' });
    const found = await versionsOf('copy', 'web');
    expect(new Set(found.map(({ digest }) => digest))).toEqual(
      new Set(host.versions.map(({ archive }) => digestOf(archive))),
    );
    expect(found.find(({ version }) => version === '1.0.7')?.createdAt).toBe('2021-01-01T00:00:07.000Z');
    expect(await reportOf(user)).toHaveLength(12);
    const before = host.requests.length;
    expect(await user.run(['import', host.url, 'copy'])).toMatchObject({
      code: 0,
      stderr: '12 versions: 12 present\n',
    });
    const again = host.requests.slice(before).map(({ path }) => path);
    expect(again.filter((path) => !path.endsWith('.prov'))).toEqual(['/charts/index.yaml']);
  });

  it('import goes on where a killed import was', async () => {
    const [user, host] = [await createUser(), await startHost(40)];
    let archives = 0;
    const child = user.start(['import', host.url, 'killed', '--parallel', '2']);
    host.setFault((path) => {
      archives += path.endsWith('.tgz') ? 1 : 0;
      if (archives === 12) child.kill('SIGKILL');
      return false;
    });
    await once(child, 'exit');
    host.setFault(undefined);
    const result = await user.run(['import', host.url, 'killed']);
    expect(result).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^40 versions: \d+ present, \d+ pushed\n$/),
    });
    expect(await versionsOf('killed', 'web')).toHaveLength(40);
  });

  it('an import goes on after the registry has refused connections for a time', async () => {
    const [door, host] = [await startDoor(), await startChartHost()];
    const user = await commandLine.createUser({ HELM_REGISTRY_URL: door.url });
    // Each chart is looked for in the registry, so look-ups are refused as well as uploads.
    for (let chart = 0; chart < 8; chart += 1) await host.add({ name: `chart-${chart}` });
    let archives = 0;
    host.setFault((path) => {
      archives += path.endsWith('.tgz') ? 1 : 0;
      if (archives === 4 && path.endsWith('.tgz')) door.shut();
      return false;
    });
    const child = user.start(['import', host.url, 'restarted', '--parallel', '2']);
    const ended = once(child, 'exit');
    let told = '';
    for await (const chunk of child.stderr ?? []) {
      const isFirst = !told.includes('refuses connections');
      told += String(chunk);
      if (isFirst && told.includes('refuses connections')) await door.reopen();
    }
    expect({ exit: await ended, told }).toEqual({
      exit: [0, null],
      told: expect.stringMatching(/\n8 versions: (?:\d present, )?\d pushed\n$/),
    });
    for (let chart = 0; chart < 8; chart += 1)
      expect(await versionsOf('restarted', `chart-${chart}`)).toHaveLength(1);
  });

  it('a version that is there stays present where its provenance file cannot be read', async () => {
    const [user, host] = [await createUser(), await startHost(1)];
    expect(await user.run(['import', host.url, 'unread-prov'])).toMatchObject({ code: 0 });
    host.setFault((path, response) => path.endsWith('.prov') && Boolean(response.writeHead(405).end()));
    const again = await user.run(['import', host.url, 'unread-prov']);
    expect(again).toMatchObject({ code: 0, stderr: '1 version: 1 present\n' });
    expect(again.stdout).toMatch(/^present .* its provenance file could not be read: .* answered 405$/m);
  });

  it('a folder whose index has millions of entries by aliases is imported with the times of its files', async () => {
    const user = await createUser();
    const file = join(user.home, 'aliases/web-1.0.0.tgz');
    await mkdir(join(user.home, 'aliases'));
    await writeFile(file, await packChart({ name: 'web' }));
    const time = new Date('2024-05-06T07:08:09Z');
    await utimes(file, time, time);
    const item = "{version: 1.0.0, created: '2020-01-01T00:00:00Z'}";
    const list = Array.from({ length: 10_000 }, () => item).join(', ');
    const entries = Array.from({ length: 10_000 }, (_, index) => `  chart-${index}: *list\n`).join('');
    await writeFile(
      join(user.home, 'aliases/index.yaml'),
      `shared: &list [${list}]\nentries:\n  web: *list\n${entries}`,
    );
    expect(await user.run(['import', 'aliases', 'aliases'])).toMatchObject({ code: 0 });
    expect((await versionsOf('aliases', 'web'))[0]?.createdAt).toBe(time.toISOString());
  });

  it('a report that cannot be written ends an import before it begins, and hides no other end', async () => {
    const [user, host] = [await createUser(), await startHost(6)];
    const absent = await user.run(['import', host.url, 'no-report', '--report', 'absent/report.json']);
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') });
    expect(host.requests).toEqual([]);
    const folder = join(user.home, 'reports');
    const runWithLostReport = async (answer: (response: ServerResponse) => void) => {
      await mkdir(folder);
      host.setFault((path, response) => {
        if (!path.endsWith('.tgz')) return false;
        rmSync(folder, { recursive: true, force: true });
        answer(response);
        return true;
      });
      const child = user.start(['import', host.url, 'no-report', '--report', 'reports/report.json']);
      let told = '';
      child.stderr?.on('data', (chunk) => {
        told += String(chunk);
      });
      const ended = once(child, 'close');
      started = child;
      const [code] = await ended;
      expect(told).toContain('the report could not be written: ENOENT');
      return { code, told };
    };
    let started: ReturnType<CommandLineUser['start']> | undefined;
    const interruptOnce = () => {
      // A second signal would end it at once.
      started?.kill('SIGINT');
      started = undefined;
    };
    expect(await runWithLostReport(interruptOnce)).toMatchObject({ code: 130 });
    expect(await runWithLostReport((response) => response.writeHead(404).end())).toEqual({
      code: 1,
      told: expect.stringContaining('6 of 6 versions failed'),
    });
  });

  it('an import that is interrupted writes its report, with what it did not reach', async () => {
    const [user, host] = [await createUser(), await startHost(40)];
    let archives = 0;
    const child = user.start(['import', host.url, 'stopped', '--parallel', '2', '--report', 'stopped.json']);
    host.setFault((path) => {
      // A second signal would end the command at once: requests for other files must not send one.
      if (path.endsWith('.tgz')) {
        archives += 1;
        if (archives === 12) child.kill('SIGINT');
      }
      return false;
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    const lines = await reportOf(user, 'stopped.json');
    expect(lines).toHaveLength(40);
    const results = new Set(lines.map(({ result }) => result));
    expect(results).toEqual(new Set(['pushed', 'not reached']));
  });

  it('takes what its filters choose, and reports why the others stay', async () => {
    const [user, host] = [await createUser(), await startHost(4)];
    await host.add({ name: 'web', version: '2.0.0-rc.1' });
    await host.add({ name: 'db', version: '1.0.0' });
    const filters = [
      '--chart',
      'we*',
      '--range',
      '>=1.0.1, <2',
      '--last',
      '2',
      '--no-prereleases',
      '--report',
      'report.json',
    ];
    expect(await user.run(['import', host.url, 'filtered', ...filters])).toMatchObject({ code: 0 });
    expect((await versionsOf('filtered', 'web')).map(({ version }) => version)).toEqual(['1.0.3', '1.0.2']);
    const lines = (await reportOf(user))
      .map(({ chart, version, reason }) => `${chart} ${version} ${reason}`)
      .sort();
    expect(lines.slice(0, 3)).toEqual([
      'db 1.0.0 its chart is not wanted',
      'web 1.0.0 it is not in the range >=1.0.1, <2',
      'web 1.0.1 it is not among the last 2',
    ]);
    expect(lines.at(-1)).toBe('web 2.0.0-rc.1 it is a pre-release');
  });

  it.each([
    // npm reads the first as an exact version and leaves the pre-release of the second out.
    ['~>1.0.2', ['1.0.3', '1.0.2']],
    ['>=1.0.3-0', ['1.1.0-rc.1', '1.0.3']],
    ['1.0.0 - 1.0, !=1.0.1', ['1.0.3', '1.0.2', '1.0.0']],
  ])('the range %s means what it means to Helm', async (range, wanted) => {
    const [user, host] = [await createUser(), await startHost(4)];
    await host.add({ name: 'web', version: '1.1.0-rc.1' });
    const space = `range-${wanted.length}-${range.length}`;
    expect(await user.run(['import', host.url, space, '--range', range])).toMatchObject({ code: 0 });
    expect((await versionsOf(space, 'web')).map(({ version }) => version)).toEqual(wanted);
  });

  it('refuses a range that Helm does not read', async () => {
    const [user, host] = [await createUser(), await startHost(1)];
    const refused = await user.run(['import', host.url, 'refused', '--range', '>=1.0.0 =>']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') });
  });

  it('survives 429, 500 and cut bodies, and fails with what is wrong for good', async () => {
    const [user, host] = [await createUser(), await startHost(3)];
    await host.add({ name: 'wrong' }, { digest: '0'.repeat(64) });
    await host.add({ name: 'lost' });
    const seen = new Map<string, number>();
    host.setFault((path, response) => {
      const times = (seen.get(path) ?? 0) + 1;
      seen.set(path, times);
      if (path.includes('lost')) response.writeHead(404).end();
      else if (times > 3 || !path.includes('web')) return false;
      else if (times === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else if (times === 2) response.writeHead(500).end();
      else response.writeHead(200, { 'content-length': 9_999 }).write('begun', () => response.destroy());
      return true;
    });
    const result = await user.run(['import', host.url, 'shaky', '--parallel', '8']);
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/failed +shaky +lost .*does not exist/);
    expect(result.stdout).toMatch(/failed +shaky +wrong .*the index says/);
    expect(result.stderr).toContain('5 versions: 2 failed, 3 pushed\n');
  });

  it('sends the password of a source to its own host alone', async () => {
    const [user, host, other] = [await createUser(), await startHost(1), await startChartHost()];
    const far = await other.add({ name: 'far' });
    await host.add({ name: 'far' }, { archive: far.archive, url: `${other.url}/far-1.0.0.tgz` });
    const basic = `Basic ${Buffer.from('reader:pass word').toString('base64')}`;
    host.setFault(
      (_, response, headers) => headers.authorization !== basic && Boolean(response.writeHead(401).end()),
    );
    const denied = await user.run(['import', host.url, 'closed']);
    expect(denied).toMatchObject({ code: 4, stderr: expect.stringContaining('--user NAME') });
    const result = await user.run(['import', host.url, 'closed', '--user', 'reader'], 'pass word\n');
    expect(result).toMatchObject({ code: 0, stderr: '2 versions: 2 pushed\n' });
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('copies the tenants of a ChartMuseum into spaces of their names', async () => {
    const user = await createUser();
    await registry.upload('museum-a', { name: 'web' });
    await registry.upload('museum-b', { name: 'db' });
    const other = await startRegistry({}, { worker: false });
    const target = await commandLine.createUser({ HELM_REGISTRY_URL: other.url });
    const result = await target.run(['import', registry.url, '--tenant', 'museum-a', 'museum-b']);
    await other.close();
    expect(result).toMatchObject({ code: 0, stderr: '2 versions: 2 pushed\n' });
    expect((await user.run(['import', registry.url])).code).toBe(2);
  });

  it.each([
    [['import', 'missing', 'x'], /no such file or folder/],
    [['import', 'https://user:pass@example.com', 'x'], /--user NAME/],
    [['import', 'http://127.0.0.1:8', 'x'], /could not be read: ECONNREFUSED/],
    [['import', 'oci://127.0.0.1:8/charts', 'x'], /could not be read/],
  ])('explains what cannot be: %j', async (args, message) => {
    const result = await (await createUser()).run(args);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toContain('user:pass');
  });
});

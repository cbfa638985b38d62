import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import { errorOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  // Long enough that no write of a race is refused with a lock timeout.
  registry = await startRegistry({ lockTimeout: 30_000 });
});
afterAll(() => registry.close());

const pack = (values: Record<string, number>) => packChart({ name: 'web', values });
const sign = (archive: Buffer, note = '') =>
  signInTheClear(
    `name: web\nversion: 1.0.0\ndescription: "${note}"\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`,
  );
const web = (space: string) => `/spaces/${space}/charts/web/versions/1.0.0`;
const attach = (space: string, provenance: Buffer) =>
  registry.api(`${web(space)}/provenance`, { method: 'PUT', body: new Uint8Array(provenance) });
const read = (space: string) => registry.api(`${web(space)}/provenance`);
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const signedForm = (archive: Buffer, provenance: Buffer) => {
  const form = chartForm(archive);
  form.set('provfile', new Blob([new Uint8Array(provenance)]), 'web-1.0.0.tgz.prov');
  return form;
};

describe('a provenance file', () => {
  it('a provenance file is uploaded with its chart or alone, and read byte for byte', async () => {
    const archive = await pack({ a: 1 });
    const provenance = sign(archive);
    const body = signedForm(archive, provenance);
    expect((await registry.api('/spaces/with/charts', { method: 'POST', body })).status).toBe(201);
    await registry.upload('alone', archive);
    expect((await errorOf(await read('alone'))).code).toBe('provenance.notFound');
    expect((await attach('alone', provenance)).status).toBe(204);
    for (const space of ['with', 'alone']) {
      const response = await read(space);
      expect(response.headers.get('content-type')).toBe('application/pgp-signature');
      expect(await bytesOf(response)).toEqual(provenance);
    }
  });

  it('a provenance file for other bytes is refused and not stored', async () => {
    const archive = await pack({ a: 2 });
    const other = sign(await pack({ a: 3 }));
    await registry.upload('other', archive);
    const before = await registry.blobs();
    const attached = await attach('other', other);
    expect(attached.status).toBe(400);
    expect((await errorOf(attached)).code).toBe('provenance.mismatch');
    const body = signedForm(archive, other);
    expect((await registry.api('/spaces/new/charts', { method: 'POST', body })).status).toBe(400);
    expect((await errorOf(await attach('other', Buffer.from('no signature')))).code).toBe(
      'provenance.invalid',
    );
    expect((await attach('other', Buffer.alloc(2 * 1024 * 1024))).status).toBe(413);
    expect((await read('other')).status).toBe(404);
    expect(await registry.blobs()).toEqual(before);
  });

  it.each([
    [
      'replaced',
      async (space: string) =>
        registry.api(web(space), { method: 'PUT', body: chartForm(await pack({ b: 1 })) }),
    ],
    [
      'rewritten',
      (space: string) => registry.api(`${web(space)}/manifests/values`, { method: 'PUT', body: '{"c":1}' }),
    ],
  ])('a provenance file is deleted when its version is %s', async (how, write) => {
    const archive = await pack({ a: 1 });
    await registry.upload(how, archive);
    await attach(how, sign(archive));
    expect((await write(how)).status).toBe(200);
    expect((await errorOf(await read(how))).code).toBe('provenance.notFound');
  });

  it('a provenance file survives an upload of identical bytes, and is replaced with other bytes', async () => {
    const archive = await pack({ a: 1 });
    await registry.upload('again', archive);
    await attach('again', sign(archive));
    await registry.api(web('again'), { method: 'PUT', body: chartForm(archive) });
    expect(await bytesOf(await read('again'))).toEqual(sign(archive));
    const next = await pack({ a: 9 });
    await registry.api(web('again'), { method: 'PUT', body: signedForm(next, sign(next)) });
    expect(await bytesOf(await read('again'))).toEqual(sign(next));
  });

  it('a provenance file may be added to an immutable version, and not changed', async () => {
    const archive = await pack({ a: 1 });
    await registry.upload('fixed', archive);
    await registry.api('/spaces/fixed', { method: 'PATCH', body: '{"overwriting":"immutable"}' });
    expect((await attach('fixed', sign(archive))).status).toBe(204);
    expect((await attach('fixed', sign(archive))).status).toBe(204);
    const changed = await attach('fixed', sign(archive, 'another'));
    expect((await errorOf(changed)).code).toBe('version.immutable');
    expect(await bytesOf(await read('fixed'))).toEqual(sign(archive));
  });

  it('a provenance file attached during a replacement never stays on the other archive', async () => {
    for (let round = 0; round < 10; round += 1) {
      const space = `race-${round}`;
      const [before, after] = [await pack({ round }), await pack({ round: -1 - round })];
      await registry.upload(space, before);
      const [attached, replaced] = await Promise.all([
        attach(space, sign(before)),
        registry.api(web(space), { method: 'PUT', body: chartForm(after) }),
      ]);
      expect([204, 400]).toContain(attached.status);
      expect(replaced.status).toBe(200);
      expect((await read(space)).status).toBe(404);
    }
  });
});

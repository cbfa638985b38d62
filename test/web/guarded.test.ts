import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import { packChart } from '../support/charts.ts';
import { openRepository } from '../support/oci.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGuardedGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';

describe.runIf(hasChromium())('the page where access is guarded', () => {
  let headers: Record<string, string>;
  let owner: Record<string, string>;
  const ground = useGuardedGround(async (registry) => {
    await registry.addSpace('secret', 'private');
    await registry.admin.upload('secret', { name: 'vault' });
    const ana = await registry.addUser('ana');
    await registry.setRole(ana, 'secret', 'reader');
    headers = { Authorization: `Bearer ${(await registry.addToken(ana)).text}` };
    const olga = await registry.addUser('olga');
    await registry.setRole(olga, 'secret', 'owner');
    owner = { Authorization: `Bearer ${(await registry.addToken(olga)).text}` };
    // Charts with a signature of each kind.
    await registry.addSpace('open', 'public');
    const archive = await packChart({ name: 'proven' });
    await registry.admin.upload('open', archive);
    const message = `name: proven\nversion: 1.0.0\n\n...\nfiles:\n  proven-1.0.0.tgz: ${digestOf(archive)}\n`;
    await registry.admin.api('/spaces/open/charts/proven/versions/1.0.0/provenance', {
      method: 'PUT',
      body: new Uint8Array(signInTheClear(message)),
    });
    await registry.admin.upload('open', { name: 'cosigned' });
    const repository = openRepository(registry.admin, 'open/cosigned');
    const manifest = await repository.call('manifests/1.0.0', { method: 'HEAD' });
    await repository.pushArtifact(undefined, 'signature', {
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      subject: {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: manifest.headers.get('docker-content-digest') ?? '',
        size: 1,
      },
    });
  });

  it('shows strangers what is public, with its signatures, and nowhere to upload', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    await page.getByRole('link', { name: 'cosigned' }).waitFor();
    expect(await page.getByText('vault').count()).toBe(0);
    await expect.poll(() => page.getByText('Upload charts', { exact: true }).count()).toBe(0);
    await test.visit('/-/charts/open/cosigned?tab=provenance');
    await page.getByText('Bundle of sigstore').waitFor();
    await page.getByText('This version has none').waitFor();
    await lookAt(test, 'signatures-cosign');
    await test.visit('/-/charts/open/proven?tab=provenance');
    await page.getByText('BEGIN PGP SIGNED MESSAGE').waitFor();
    await page.getByText('Nothing refers to this version').waitFor();
    await lookAt(test, 'signatures-provenance');
    await test.visit('/-/charts/open/proven?tab=install');
    expect(await page.locator('.install').innerText()).not.toContain('--username');
    test.expectClean();
  });

  it('logs in first in the commands of a space that is not public, and lets those upload who may', async () => {
    for (const [who, name, uploads] of [
      [headers, 'ana', 0],
      [owner, 'olga', 1],
    ] as const) {
      const test = await ground.open({ headers: who });
      await test.visit('/-/charts/secret/vault?tab=install');
      const commands = () => test.page.locator('.install').innerText();
      await expect
        .poll(commands)
        .toMatch(new RegExp(`helm registry login 127\\.0\\.0\\.1:\\d+ --username ${name}`));
      await expect
        .poll(commands)
        .toMatch(new RegExp(`helm repo add secret http://127.*/secret --username ${name}`));
      await test.visit('/-/spaces/secret');
      await test.page.getByText('private', { exact: true }).waitFor();
      const fold = test.page.getByText('Upload charts', { exact: true });
      await expect.poll(() => fold.count()).toBe(uploads);
      await lookAt(test, `space-of-${name}`);
    }
  });

  it('tells strangers nothing but where to log in', async () => {
    const test = await ground.open();
    const { page } = test;
    await test.visit('/-/');
    expect(await page.getByText(/secret|vault/).count()).toBe(0);
    await lookAt(test, 'guarded-stranger');
    await page.getByRole('banner').getByRole('link', { name: 'Log in' }).click();
    await page.waitForURL('**/login?return=%2F-%2F');
    test.expectClean();
  });

  it('shows an unknown and a hidden space alike', async () => {
    const seen = [];
    for (const space of ['secret', 'absent']) {
      const test = await ground.open();
      test.allow(/status of 40[14]/);
      await test.visit(`/-/spaces/${space}`);
      const text = (await test.page.getByRole('alert').textContent()) ?? '';
      seen.push(text.replaceAll(space, 'NAME').replace(/request [\da-f-]{36}/, 'request'));
      test.expectClean();
    }
    expect(seen[0]).toBe(seen[1]);
  });

  it('shows readers their charts and their name', async () => {
    const test = await ground.open({ headers });
    const { page } = test;
    await test.visit('/-/');
    await page.getByRole('link', { name: 'vault' }).first().waitFor();
    await page.getByTitle('ana').click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    await lookAt(test, 'guarded-reader');
  });
});

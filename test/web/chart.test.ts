import { beforeAll, describe, expect, it } from 'vitest';
import { uploadExamples } from './support/example-charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const shop = '/-/charts/demo/shop';

describe.runIf(hasChromium())('page of a chart', () => {
  const ground = useGround(uploadExamples);
  let test: TestPage;
  beforeAll(async () => {
    test = await ground.open();
  });

  const textOf = (selector: string) => test.page.locator(selector).innerText();
  const link = (name: string) => test.page.getByRole('link', { name, exact: true });

  it('the latest release is shown, with its facts', async () => {
    await test.visit(shop);
    await expect.poll(() => test.page.title()).toContain('shop');
    await expect.poll(() => textOf('h1')).toBe('shop');
    await expect.poll(() => test.page.getByLabel('Version', { exact: true }).inputValue()).toBe('1.1.0');
    await expect.poll(() => textOf('.chart-head')).toContain('A shop with its database');
    await expect
      .poll(() => textOf('.about'))
      .toMatch(/Apache-2.0[\s\S]*Ana[\s\S]*Ben[\s\S]*trade[\s\S]*example.org\/shop:7.2/);
    await expect.poll(() => textOf('.changes')).toContain('A second database');
    await link('trade').click();
    await test.page.waitForURL('**/-/search?keyword=trade');
    await test.page.goBack();
    await test.whenStill();
    test.expectClean();
  });

  it('a README leads to files of the archive, shows its own images, and names the hosts of others', async () => {
    await test.visit(shop);
    const main = test.page.locator('.markdown');
    await expect.poll(() => test.page.locator('h1').count()).toBe(1);
    await expect.poll(() => main.locator('h2').first().innerText()).toBe('Shop');
    await expect
      .poll(() => main.getByRole('link', { name: 'Build (image from badges.example.org)' }).count())
      .toBe(1);
    await expect
      .poll(() => test.page.evaluate('document.querySelector("img[alt=Map]").naturalWidth'))
      .toBe(1);
    expect(await main.getByText('a file that is not there').getAttribute('href')).toBeNull();
    await test.page
      .getByRole('navigation', { name: 'On this page' })
      .getByRole('link', { name: 'Values' })
      .click();
    await expect.poll(() => new URL(test.page.url()).hash).toBe('#user-content-values');
    await main.getByRole('link', { name: 'database' }).click();
    await test.page.getByRole('heading', { name: 'Database' }).waitFor();
    expect(test.page.url()).toContain('tab=files&path=docs%2Fdatabase.md');
    await test.page.goBack();
    await main.getByRole('heading', { name: 'Install' }).waitFor();
    await lookAt(test, 'chart-readme');
  });

  it('another version is chosen, and the tab stays', async () => {
    await test.visit(`${shop}?tab=values`);
    await test.page.getByLabel('Version', { exact: true }).selectOption('1.2.0-rc.1');
    await test.page.waitForURL('**/shop/1.2.0-rc.1?tab=values');
    await test.whenStill();
    await expect.poll(() => textOf('.chart-head')).toContain('pre-release');
    test.expectClean();
  });

  it('commands install it from the address of this registry', async () => {
    await test.visit(`${shop}?tab=install`);
    const { host, origin } = new URL(ground.registry().url);
    for (const command of [
      `helm install shop oci://${host}/demo/shop --version 1.1.0 --plain-http`,
      `helm repo add demo ${origin}/demo`,
      `${origin}/api/demo/charts/shop/1.1.0`,
    ])
      await expect.poll(() => textOf('.install')).toContain(command);
    await test.page.getByRole('button', { name: 'Copy Helm repository: Install' }).click();
    await expect
      .poll(() => test.page.evaluate('navigator.clipboard.readText()'))
      .toBe('helm install shop demo/shop --version 1.1.0');
    await lookAt(test, 'chart-install');
  });

  it('templates stand by their use, and files in their folders', async () => {
    await test.visit(`${shop}?tab=templates`);
    await expect
      .poll(() => textOf('.file-nav'))
      .toMatch(
        /Templates[\s\S]*deployment[\s\S]*CRDs[\s\S]*Notes[\s\S]*Partials[\s\S]*Tests[\s\S]*charts\/database/,
      );
    await expect.poll(() => textOf('.code')).toContain('Runs the shop');
    await lookAt(test, 'chart-templates');
    await test.visit(`${shop}?tab=files&path=values.yaml&line=4`);
    await expect.poll(() => textOf('.code [data-current]')).toContain('replicas: 1');
    await test.page.getByLabel('Search in this text').fill('pull');
    await test.page.getByRole('button', { name: 'Next found line' }).click();
    await test.page.waitForURL('**line=8**');
    await expect.poll(() => textOf('.code [data-current]')).toContain('pullPolicy');
    await test.visit(`${shop}?tab=files&path=docs/map.png`);
    await expect.poll(() => textOf('.file-main')).toContain('This file is not text');
    await lookAt(test, 'chart-files');
  });

  it('dependencies lead to the charts of the registry, to values and to files', async () => {
    await test.visit(`${shop}?tab=dependencies`);
    await expect.poll(() => textOf('table')).toMatch(/database as db[\s\S]*2\.x/);
    await lookAt(test, 'chart-dependencies');
    await link('database').click();
    await test.page.waitForURL('**/-/charts/demo/database');
    // A repository that is a space of this registry says which chart of the name is meant.
    const registry = ground.registry();
    const dependencies = [
      { name: 'database', version: '1.x', repository: `${registry.url}/team` },
      { name: 'database', version: '2.x', repository: 'https://charts.example.org', alias: 'other' },
    ];
    await registry.upload('team', { name: 'database' });
    await registry.upload('demo', { name: 'two', manifest: { dependencies } });
    await test.visit('/-/charts/demo/two?tab=dependencies');
    const hrefs = () =>
      link('database').evaluateAll((links) => links.map((found) => found.getAttribute('href')));
    await expect.poll(hrefs).toEqual(['/-/charts/team/database', '/-/charts/demo/database']);
    test.expectClean();
  });

  it('digests and what vouches for a version are shown', async () => {
    await test.visit(`${shop}?tab=provenance`);
    await expect
      .poll(() => textOf('.digests'))
      .toMatch(/Archive\s+sha256:[\da-f]{64}[\s\S]*OCI manifest\s+sha256:[\da-f]{64}/);
    await lookAt(test, 'chart-provenance');
  });

  it('a chart that is not there says so, and what to do', async () => {
    test.allow(/status of 404/);
    await test.visit('/-/charts/demo/nothing');
    await expect.poll(() => textOf('main')).toContain('request');
    await lookAt(test, 'chart-missing');
  });
});

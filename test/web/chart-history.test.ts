import { beforeAll, describe, expect, it } from 'vitest';
import { uploadExamples } from './support/example-charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { lookAt } from './support/look.ts';
import type { TestPage } from './support/page.ts';

describe.runIf(hasChromium())('history on the page of a chart', () => {
  const ground = useGround(uploadExamples);
  let test: TestPage;
  beforeAll(async () => {
    test = await ground.open();
  });

  const textOf = (selector: string) => test.page.locator(selector).first().innerText();
  const versions = () => test.page.locator('tbody tr td:first-child a').allInnerTexts();

  it('versions are filtered by a range and without pre-releases, in the address', async () => {
    const asked: string[] = [];
    test.page.on('request', (request) => {
      if (/\/shop\/details\?/.test(request.url())) asked.push(request.url());
    });
    await test.visit('/-/charts/demo/shop?tab=versions');
    await expect.poll(() => versions()).toEqual(['1.2.0-rc.1', '1.1.0', '1.0.0']);
    await test.whenStill();
    expect(asked).toHaveLength(1);
    await lookAt(test, 'chart-versions');
    await test.page.getByLabel('Pre-releases').uncheck();
    await test.page.waitForURL('**releases=true**');
    await test.whenStill();
    await expect.poll(() => versions()).toEqual(['1.1.0', '1.0.0']);
    await test.page.getByLabel('SemVer range').fill('~1.0');
    await test.page.getByRole('button', { name: 'Filter' }).click();
    await test.page.waitForURL('**range=%7E1.0**');
    await test.whenStill();
    await expect.poll(() => versions()).toEqual(['1.0.0']);
    await test.page.goBack();
    await expect.poll(() => test.page.getByLabel('SemVer range').inputValue()).toBe('');
    await test.page.goForward();
    await expect.poll(() => test.page.getByLabel('SemVer range').inputValue()).toBe('~1.0');
    await test.page.getByLabel('SemVer range').fill('>');
    await expect.poll(() => textOf('#range-hint')).toContain('not finished');
    test.expectClean();
  });

  it('two versions are compared: values, files and metadata', async () => {
    await test.visit('/-/charts/demo/shop/1.1.0?tab=compare');
    await expect.poll(() => test.page.getByLabel('From').inputValue()).toBe('1.0.0');
    await expect.poll(() => test.page.getByLabel('To', { exact: true }).inputValue()).toBe('1.1.0');
    await expect.poll(() => textOf('.compare-part')).toMatch(/image\.tag[\s\S]*1\.0[\s\S]*1\.1/);
    const diff = test.page.getByRole('region', { name: 'Changes of values.yaml' });
    await expect.poll(() => diff.innerText()).toContain('tag: "1.1"');
    await lookAt(test, 'chart-compare');
    await test.page.getByRole('button', { name: 'Swap the versions' }).click();
    await test.page.waitForURL('**from=1.1.0&to=1.0.0**');
    await test.whenStill();
    await expect.poll(() => textOf('.compare-part')).toMatch(/image\.tag[\s\S]*1\.1[\s\S]*1\.0/);
    test.expectClean();
  });

  it('a composed version shows what it was made from, and what is out of date', async () => {
    await test.visit('/-/charts/demo/mall?tab=lineage');
    const list = test.page.getByRole('region', { name: 'Made from' });
    await expect
      .poll(() => list.innerText())
      .toMatch(
        /out of date[\s\S]*demo\/shop 1\.0\.0[\s\S]*store from demo\/database 2\.1\.0[\s\S]*now 2\.2\.0/,
      );
    await expect
      .poll(() => test.page.locator('.lineage-graph text').allTextContents())
      .toEqual(['mall 1.0.0', 'shop 1.0.0', 'store 2.1.0']);
    await lookAt(test, 'chart-lineage');
  });

  it('a source shows what was made from it', async () => {
    await test.visit('/-/charts/demo/shop/1.0.0?tab=lineage');
    await expect
      .poll(() => test.page.getByRole('region', { name: 'Made into' }).innerText())
      .toContain('demo/mall 1.0.0');
    await test.page.getByRole('link', { name: 'demo/mall 1.0.0' }).click();
    await test.page.waitForURL('**/-/charts/demo/mall/1.0.0?tab=lineage');
    test.expectClean();
  });

  it('composing again leads to its job', async () => {
    await test.visit('/-/charts/demo/mall?tab=lineage');
    await test.page.getByRole('button', { name: 'Compose again' }).click();
    await test.page.waitForURL('**/-/jobs/*');
    const id = test.page.url().split('/').at(-1);
    const job: unknown = await (await ground.registry().api(`/jobs/${id}`)).json();
    expect(job).toMatchObject({ space: 'demo', chart: 'mall', version: '1.0.1' });
    test.expectClean();
  });
});

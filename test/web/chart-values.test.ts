import { beforeAll, describe, expect, it } from 'vitest';
import { uploadExamples } from './support/example-charts.ts';
import { hasChromium } from './support/find-chromium.ts';
import { useGround } from './support/ground.ts';
import { createKeyboard } from './support/keyboard.ts';
import { lookAt } from './support/look.ts';
import type { TestPage } from './support/page.ts';

const values = '/-/charts/demo/shop/1.1.0?tab=values';

describe.runIf(hasChromium())('values on the page of a chart', () => {
  const ground = useGround(uploadExamples);
  let test: TestPage;
  beforeAll(async () => {
    test = await ground.open();
  });

  const panel = () => test.page.getByRole('complementary', { name: 'Chosen key' });
  const row = (name: RegExp) => test.page.getByRole('treeitem', { name });
  const copied = () => test.page.evaluate('navigator.clipboard.readText()');
  /** Reads the chosen key in the page: its address comes to the test a moment later. */
  const chosen = async () =>
    String(await test.page.evaluate("new URLSearchParams(location.search).get('path')"));

  it('a key is found by its path, and tells its type, description, origin and argument', async () => {
    await test.visit(values);
    await test.page.getByRole('searchbox', { name: 'Search values' }).fill('image.pull');
    await row(/pullPolicy/).click();
    await panel().getByText('When to pull').waitFor();
    const text = () => panel().innerText();
    await expect.poll(text).toContain('image.pullPolicy');
    await expect.poll(text).toContain('"Always", "IfNotPresent", "Never"');
    await panel().getByRole('button', { name: 'Copy as --set' }).click();
    await expect.poll(copied).toBe('--set image.pullPolicy=IfNotPresent');
    await panel().getByRole('button', { name: 'Copy path' }).click();
    await expect.poll(copied).toBe('image.pullPolicy');
    await panel().getByRole('link', { name: 'values.yaml:8' }).click();
    await test.page.locator('.code [data-current]', { hasText: 'pullPolicy' }).waitFor();
    test.expectClean();
  });

  it('a value of a chart inside names that chart, and has its schema', async () => {
    await test.visit(`${values}&path=/db/port`);
    await panel().getByText('Port of the database').waitFor();
    const text = () => panel().innerText();
    await expect.poll(text).toMatch(/at most 65535/);
    await expect.poll(text).toMatch(/database:values\.yaml:\d/);
    test.expectClean();
  });

  it('a description comes from a comment where the schema has none', async () => {
    await test.visit(`${values}&path=/image/tag`);
    await panel().getByText('Tag of the image').waitFor();
    await test.visit(`${values}&path=/annotations/app.kubernetes.io~1part-of`);
    await panel().getByRole('button', { name: 'Copy as --set' }).click();
    await expect.poll(copied).toBe("--set 'annotations.app\\.kubernetes\\.io/part-of=shop'");
    test.expectClean();
  });

  it('the tree is used by the keyboard alone', async () => {
    await test.visit(values);
    await test.page.getByRole('searchbox', { name: 'Search values' }).focus();
    const { press } = createKeyboard(test);
    await press('Tab', 'Tab');
    const names: string[] = [];
    for (const key of [
      'End',
      'Home',
      'ArrowDown',
      'ArrowRight',
      'ArrowRight',
      'ArrowDown',
      'ArrowLeft',
      'ArrowLeft',
    ]) {
      await press(key);
      names.push(await chosen());
    }
    expect(new Set(names).size).toBeGreaterThan(3);
    await expect
      .poll(() => test.page.evaluate('document.activeElement.getAttribute("role")'))
      .toBe('treeitem');
    test.expectClean();
  });

  it('each view looks right', async () => {
    await test.visit(`${values}&path=/replicas`);
    await panel().getByText('Number of pods').waitFor();
    await lookAt(test, 'chart-values');
    await test.visit(`${values}&view=file`);
    await lookAt(test, 'chart-values-file');
    await test.visit(`${values}&view=schema`);
    await lookAt(test, 'chart-values-schema');
  });
});

import type { Locator, Page } from 'playwright-core';
import { composed, database } from './charts.ts';
import type { Hand } from './hand.ts';

/** Step of the walk: what a person wants, and what the person does. */
export interface Step {
  name: string;
  walk: (hand: Hand) => Promise<void>;
}

/** Name of the umbrella. */
const umbrella = 'shop-stack';

/** Steps of the walk, in order: each begins where the previous one ended. */
export function listSteps(raiseSource: () => Promise<void>): Step[] {
  return [
    { name: 'find a chart', walk: findChart },
    { name: 'understand its values', walk: readValues },
    { name: 'compare two versions', walk: compareVersions },
    { name: 'compose an umbrella of four', walk: fillRecipe },
    { name: 'watch it until it is there', walk: watchIt },
    {
      name: 'compose it again, newer source',
      async walk(hand) {
        await raiseSource();
        await composeAgain(hand);
      },
    },
  ];
}

async function findChart(hand: Hand): Promise<void> {
  const { page } = hand;
  await hand.press('/');
  await hand.type(database);
  await hand.press('Enter');
  const found = page.getByRole('list', { name: 'Found charts' }).getByRole('link', { name: database });
  await hand.see(found);
  await hand.click(found.first());
  await hand.see(page.locator('.chart-page .markdown'));
}

/** Looks up a key: value, description, and how to set it. */
async function readValues(hand: Hand): Promise<void> {
  const { page } = hand;
  await hand.click(page.getByRole('link', { name: 'Values', exact: true }));
  await hand.see(page.getByRole('treeitem'));
  await hand.click(page.getByLabel('Search values by path or value'));
  await hand.type('auth.database');
  const key = page.getByRole('treeitem').filter({ hasText: /^\s*database/ });
  await hand.see(key);
  await hand.click(key.first());
  await hand.see(page.getByLabel('Chosen key').getByText('Set it by'));
}

async function compareVersions(hand: Hand): Promise<void> {
  const { page } = hand;
  await hand.click(page.getByRole('link', { name: 'Compare', exact: true }));
  await hand.see(page.locator('.compare-part').getByText('walked'));
}

/** Begins with the chart of the page, renames it, changes its values, and adds three others. */
async function fillRecipe(hand: Hand): Promise<void> {
  const { page } = hand;
  const [, ...others] = composed;
  await hand.click(page.getByRole('link', { name: 'Add to a recipe' }));
  const name = page.getByLabel('Name in the new chart');
  await hand.see(name);
  await hand.click(name);
  await hand.press('Control+A');
  await hand.type('db');
  await hand.click(page.getByLabel('Values (YAML)'));
  await hand.type('auth:');
  await hand.press('Enter');
  await hand.type('database: shop');
  await hand.click(page.getByRole('treeitem').first());
  await hand.click(page.getByRole('combobox', { name: 'Add a chart below the root' }));
  for (const chart of others) {
    await hand.type(chart);
    await hand.press('Enter');
    await hand.see(page.getByRole('treeitem', { name: new RegExp(`^${chart} `) }));
  }
  await hand.click(page.getByLabel('Name', { exact: true }));
  await hand.type(umbrella);
  await hand.see(page.locator('.result[aria-busy="false"]').getByText('Ready to compose from 4 charts'));
}

/** Composes. A job that is over at once leads to its chart, any other one to its own page. */
async function watchIt(hand: Hand): Promise<void> {
  const { page } = hand;
  await hand.click(page.getByRole('button', { name: 'Compose', exact: true }));
  const open = openChart(page);
  await hand.see(open.or(umbrellaPage(page)));
  if (!(await open.isVisible())) return;
  await hand.click(open);
  await hand.see(umbrellaPage(page));
}

/** Begins at the home page, whose card names what is out of date. */
async function composeAgain(hand: Hand): Promise<void> {
  const { page } = hand;
  await hand.click(page.getByRole('link', { name: 'Helm registry' }));
  const outdated = page.locator('.side-list').getByRole('link', { name: umbrella });
  await hand.see(outdated);
  await hand.click(outdated.last());
  const again = page.getByRole('button', { name: 'Compose again' });
  await hand.see(again);
  await hand.click(again);
  await hand.see(openChart(page));
  await hand.click(openChart(page));
  await hand.see(umbrellaPage(page));
}

function openChart(page: Page): Locator {
  return page.getByRole('link', { name: 'Open the chart' });
}

function umbrellaPage(page: Page): Locator {
  return page.locator('.chart-page').getByRole('heading', { name: umbrella, exact: true });
}

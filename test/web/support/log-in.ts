import type { GuardedRegistry } from '../../support/guarded.ts';
import type { TestPage } from './page.ts';

/** Password of the users of these tests. */
export const password = 'a sentence of several words';

/** Creates a user who can log in, as an admin does. @throws when the registry refuses it */
export async function addPerson(registry: GuardedRegistry, name: string, role?: string): Promise<void> {
  const response = await registry.admin.api('/users', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, password, role: role ?? null }),
  });
  if (response.status !== 201) throw new Error(await response.text());
}

/** Fills in the form of the log-in, and waits for the page to which it leads back. */
export async function fillLogIn(
  { page, whenStill }: TestPage,
  name: string,
  secret = password,
): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(secret);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/-/**');
  await whenStill();
}

/** Logs a browser in, and opens a path of the page. */
export async function logIn(test: TestPage, name: string, path: string): Promise<void> {
  await test.page.goto(`/login?${new URLSearchParams({ return: path })}`);
  await fillLogIn(test, name);
}

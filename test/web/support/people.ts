import type { GuardedRegistry } from '../../support/guarded.ts';
import type { TestPage } from './page.ts';

/** Password of the users of these tests. */
export const password = 'a sentence of several words';

/** Creates a user who can log in, as an admin does. @throws when the registry refuses it */
export async function addPerson(registry: GuardedRegistry, name: string, role?: string): Promise<void> {
  await send(registry, '/users', 'POST', { name, password, role: role ?? null });
}

/** Gives a user a role in a space, as an admin does. @throws when the registry refuses it */
export async function addMember(
  registry: GuardedRegistry,
  name: string,
  space: string,
  role: string,
): Promise<void> {
  await send(registry, `/spaces/${space}/members/user:${name}`, 'PUT', { role });
}

async function send(registry: GuardedRegistry, path: string, method: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await registry.admin.api(path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

/** Fills in the form of the log-in. Waits for the page to which it leads back. */
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

import { expect, it } from 'vitest';
import { listInstallWays, writeDependency } from './commands.ts';

const here = { origin: 'http://localhost:8099', host: 'localhost:8099', protocol: 'http:' };
const there = { origin: 'https://charts.example.com', host: 'charts.example.com', protocol: 'https:' };
const web = { space: 'lib', chart: 'web', version: '1.2.0' };
const last = (ref: typeof web & { type?: string }, place = there) =>
  listInstallWays(ref, place).map(({ id, commands }) => [id, commands.at(-1)?.text]);

it('commands have the address at which the page is read', () => {
  expect(last(web)).toEqual([
    ['oci', 'helm install web oci://charts.example.com/lib/web --version 1.2.0'],
    ['repository', 'helm install web lib/web --version 1.2.0'],
    ['chartmuseum', 'curl -fsSO https://charts.example.com/lib/charts/web-1.2.0.tgz'],
  ]);
  expect(last(web, here)[0]?.[1]).toBe(
    'helm install web oci://localhost:8099/lib/web --version 1.2.0 --plain-http',
  );
  expect(listInstallWays(web, there)[1]?.commands[0]?.text).toBe(
    'helm repo add lib https://charts.example.com/lib',
  );
});

it('a library is pulled, since it cannot be installed', () => {
  expect(last({ ...web, type: 'library' })[1]?.[1]).toBe('helm pull lib/web --version 1.2.0');
});

it('names that an interface cannot have are left out of it', () => {
  expect(last({ ...web, chart: 'Web.App' }).map(([id]) => id)).toEqual(['repository', 'chartmuseum']);
  expect(last({ ...web, chart: 'Web.App' })[0]?.[1]).toContain('helm install web-app lib/Web.App');
  expect(last({ ...web, space: 'api' }).map(([id]) => id)).toEqual(['oci', 'chartmuseum']);
  expect(last({ ...web, version: '1.0.0+a' }).at(-1)?.[1]).toContain('web-1.0.0+a.tgz');
});

it('commands log in first where the space is not public', () => {
  const ways = listInstallWays(web, there, 'ana b');
  expect(ways.map(({ commands }) => commands[0]?.text)).toEqual([
    "helm registry login charts.example.com --username 'ana b'",
    "helm repo add lib https://charts.example.com/lib --username 'ana b'",
    "curl -fsS -u 'ana b' https://charts.example.com/api/lib/charts/web/1.2.0",
  ]);
});

it('an entry of dependencies names the repository', () => {
  expect(writeDependency(web, there)).toBe(
    'dependencies:\n  - name: web\n    version: "1.2.0"\n    repository: https://charts.example.com/lib',
  );
});

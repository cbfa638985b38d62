import { lazy, Route } from 'preact-iso';
import { exec } from 'preact-iso/router';
import { Home } from '../pages/home/home.tsx';
import { NotFound } from '../pages/not-found.tsx';

const Space = lazy(() => import('../pages/space/space.tsx').then((page) => page.Space));
const Chart = lazy(() => import('../pages/chart/chart.tsx').then((page) => page.Chart));
const Jobs = lazy(() => import('../pages/jobs/jobs.tsx').then((page) => page.Jobs));
const Job = lazy(() => import('../pages/job/job.tsx').then((page) => page.Job));
const Outdated = lazy(() => import('../pages/outdated/outdated.tsx').then((page) => page.Outdated));
const Search = lazy(() => import('../pages/search/search.tsx').then((page) => page.Search));
const Composer = lazy(() => import('../pages/composer/composer.tsx').then((page) => page.ComposerPage));
const Account = lazy(() => import('../pages/account/account.tsx').then((page) => page.Account));
const Device = lazy(() => import('../pages/device/device.tsx').then((page) => page.Device));
const Settings = lazy(() => import('../pages/settings/settings.tsx').then((page) => page.Settings));
const AccountPage = lazy(() =>
  import('../pages/service-accounts/account-page.tsx').then((page) => page.AccountPage),
);
const Webhook = lazy(() => import('../pages/webhooks/webhook.tsx').then((page) => page.Webhook));
const Admin = lazy(() => import('../pages/admin/admin.tsx').then((page) => page.Admin));
const Group = lazy(() => import('../pages/admin/group.tsx').then((page) => page.Group));

/** Pages with their paths, one line each. Pages but the first are loaded when their address is visited. */
const pages = [
  { name: 'home', path: '/-/', component: Home },
  { name: 'compose', path: '/-/compose', component: Composer },
  { name: 'space', path: '/-/spaces/:space', component: Space },
  { name: 'chart', path: '/-/charts/:space/:chart/:version?', component: Chart },
  { name: 'search', path: '/-/search', component: Search },
  { name: 'jobs', path: '/-/jobs', component: Jobs },
  { name: 'job', path: '/-/jobs/:id', component: Job },
  { name: 'outdated', path: '/-/outdated', component: Outdated },
  { name: 'settings', path: '/-/spaces/:space/settings', component: Settings },
  { name: 'space-account', path: '/-/spaces/:space/accounts/:account', component: AccountPage },
  { name: 'webhook', path: '/-/spaces/:space/webhooks/:webhook', component: Webhook },
  { name: 'admin', path: '/-/admin', component: Admin },
  { name: 'group', path: '/-/admin/groups/:group', component: Group },
  { name: 'registry-account', path: '/-/admin/accounts/:account', component: AccountPage },
  { name: 'account', path: '/-/account', component: Account },
  { name: 'device', path: '/-/device', component: Device },
] as const;

/** Routes of the page. */
export const routes = [
  ...pages.map(({ name, path, component }) => <Route key={name} path={path} component={component} />),
  <Route key="other" default component={NotFound} />,
];

/** Page of an address. */
export interface FoundPage {
  name: string;
  params: Readonly<Record<string, string | undefined>>;
  /** Loads its code; the first page has it already. */
  preload?: () => unknown;
}

/** Finds the page of a path that can be decoded. */
export function findPage(path: string): FoundPage | undefined {
  for (const { name, path: pattern, component } of pages) {
    const found = exec(path, pattern);
    if (!found) continue;
    return { name, params: found.params, ...('preload' in component && { preload: component.preload }) };
  }
  return undefined;
}

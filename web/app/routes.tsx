import { lazy, Route } from 'preact-iso';
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

/** Routes of the page, one line each. Pages but the first are loaded when their address is visited. */
export const routes = [
  <Route key="home" path="/-/" component={Home} />,
  <Route key="compose" path="/-/compose" component={Composer} />,
  <Route key="space" path="/-/spaces/:space" component={Space} />,
  <Route key="chart" path="/-/charts/:space/:chart/:version?" component={Chart} />,
  <Route key="search" path="/-/search" component={Search} />,
  <Route key="jobs" path="/-/jobs" component={Jobs} />,
  <Route key="job" path="/-/jobs/:id" component={Job} />,
  <Route key="outdated" path="/-/outdated" component={Outdated} />,
  <Route key="settings" path="/-/spaces/:space/settings" component={Settings} />,
  <Route key="space-account" path="/-/spaces/:space/accounts/:account" component={AccountPage} />,
  <Route key="webhook" path="/-/spaces/:space/webhooks/:webhook" component={Webhook} />,
  <Route key="admin" path="/-/admin" component={Admin} />,
  <Route key="group" path="/-/admin/groups/:group" component={Group} />,
  <Route key="registry-account" path="/-/admin/accounts/:account" component={AccountPage} />,
  <Route key="account" path="/-/account" component={Account} />,
  <Route key="device" path="/-/device" component={Device} />,
  <Route key="other" default component={NotFound} />,
];

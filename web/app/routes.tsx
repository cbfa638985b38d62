import { lazy, Route } from 'preact-iso';
import { Home } from '../pages/home/home.tsx';
import { NotFound } from '../pages/not-found.tsx';

const Space = lazy(() => import('../pages/space/space.tsx').then((page) => page.Space));
const Search = lazy(() => import('../pages/search/search.tsx').then((page) => page.Search));
const Composer = lazy(() => import('../pages/composer/composer.tsx').then((page) => page.ComposerPage));

/** Routes of the page, one line each. Pages but the first are loaded when their address is visited. */
export const routes = [
  <Route key="home" path="/-/" component={Home} />,
  <Route key="compose" path="/-/compose" component={Composer} />,
  <Route key="space" path="/-/spaces/:space" component={Space} />,
  <Route key="search" path="/-/search" component={Search} />,
  <Route key="other" default component={NotFound} />,
];

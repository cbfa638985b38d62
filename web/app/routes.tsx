import { lazy, Route } from 'preact-iso';
import { NotFound } from '../pages/not-found.tsx';

const Home = lazy(() => import('../pages/home.tsx').then((page) => page.Home));

const Composer = lazy(() => import('../pages/composer/composer.tsx').then((page) => page.ComposerPage));

/** Routes of the page, one line each. Pages are loaded when their address is visited. */
export const routes = [
  <Route key="home" path="/-/" component={Home} />,
  <Route key="compose" path="/-/compose" component={Composer} />,
  <Route key="other" default component={NotFound} />,
];

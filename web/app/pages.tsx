import { Router, useLocation } from 'preact-iso';
import { NotFound } from '../pages/not-found.tsx';
import { focusPage } from './focus-page.ts';
import { isDecodable } from './is-decodable.ts';
import { routes } from './routes.tsx';

/** Page of the address. */
export function Pages() {
  const { path } = useLocation();
  return isDecodable(path) ? <Router onRouteChange={focusPage}>{routes}</Router> : <NotFound />;
}

import { Router, useLocation } from 'preact-iso';
import { NotFound } from '../pages/not-found.tsx';
import { focusPage } from './focus-page.ts';
import { routes } from './routes.tsx';

/** Page of the address. An address that cannot be decoded, such as `/-/spaces/%`, is of no page. */
export function Pages() {
  const { path } = useLocation();
  return isDecodable(path) ? <Router onRouteChange={focusPage}>{routes}</Router> : <NotFound />;
}

function isDecodable(path: string): boolean {
  try {
    // The result is used: a bundler drops a call without, and with it the error.
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

import { ErrorBoundary, LocationProvider, Router } from 'preact-iso';
import { focusPage } from './focus-page.ts';
import { routes } from './routes.tsx';
import { Shell } from './shell.tsx';

/** Whole page: the frame, and the page of the address. */
export function App() {
  return (
    <LocationProvider scope="/-/">
      <ErrorBoundary>
        <Shell>
          <Router onRouteChange={focusPage}>{routes}</Router>
        </Shell>
      </ErrorBoundary>
    </LocationProvider>
  );
}

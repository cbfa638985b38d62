import { ErrorBoundary, LocationProvider, Router } from 'preact-iso';
import { routes } from './routes.tsx';
import { Shell } from './shell.tsx';

/** Whole page: the frame, and the page of the address. */
export function App() {
  return (
    <LocationProvider scope="/-/">
      <ErrorBoundary>
        <Shell>
          <Router>{routes}</Router>
        </Shell>
      </ErrorBoundary>
    </LocationProvider>
  );
}

import { ErrorBoundary, LocationProvider } from 'preact-iso';
import { Pages } from './pages.tsx';
import { Shell } from './shell.tsx';

/** Whole page: the frame, and the page of the address. */
export function App() {
  return (
    <LocationProvider scope="/-/">
      <ErrorBoundary>
        <Shell>
          <Pages />
        </Shell>
      </ErrorBoundary>
    </LocationProvider>
  );
}

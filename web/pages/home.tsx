import { useEffect } from 'preact/hooks';

/** First page: the spaces of the registry. */
export function Home() {
  useEffect(() => {
    document.title = 'Helm registry';
  }, []);
  return <h1>Charts</h1>;
}

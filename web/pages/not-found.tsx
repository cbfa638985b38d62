import { useTitle } from '../parts/use-title.ts';

/** Page of an address that is none of the others. */
export function NotFound() {
  useTitle('No page');
  return (
    <section class="stack">
      <h1>There is no page here</h1>
      <p>
        The address may be mistyped, or the page may have moved. <a href="/-/">Go to the charts.</a>
      </p>
    </section>
  );
}

import { lookAt, widths } from './look.ts';
import type { TestPage } from './page.ts';

/** Looks at a page in the run of a test at the first width alone. One look sees all widths. */
export async function lookOnce(test: TestPage, width: number, name: string): Promise<void> {
  if (width === widths[0]) await lookAt(test, name);
}

import type { CleanDetails } from '../../../api/clean-details.ts';
import type { Heading } from '../../../parts/markdown/shape-markdown.ts';
import { About } from './about.tsx';
import { ContentsList, listContents } from './contents.tsx';

/**
 * Facts and headings above the README, folded. In a narrow window they would otherwise stand below a text of any length.
 */
export function ReadmeFolds({ details, headings }: { details: CleanDetails; headings: readonly Heading[] }) {
  const shown = listContents(headings);
  return (
    <div class="readme-folds">
      <details>
        <summary>Install and facts</summary>
        <About details={details} />
      </details>
      {shown.length > 0 ? (
        <details>
          <summary>On this page</summary>
          <nav aria-label="On this page">
            <ContentsList headings={shown} />
          </nav>
        </details>
      ) : null}
    </div>
  );
}

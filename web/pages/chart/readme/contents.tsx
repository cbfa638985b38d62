import type { Heading } from '../../../parts/markdown/shape-markdown.ts';

/** Headings that the list has at the most. */
const maxHeadings = 100;

/** List of the headings of a README. */
export function Contents({ headings }: { headings: readonly Heading[] }) {
  const shown = listContents(headings);
  if (shown.length === 0) return null;
  return (
    <nav class="contents" aria-labelledby="contents-title">
      <h2 id="contents-title">On this page</h2>
      <ContentsList headings={shown} />
    </nav>
  );
}

/** Lists the headings to which a README's list leads. There are none where too few would be of use. */
export function listContents(headings: readonly Heading[]): readonly Heading[] {
  const top = headings.filter(({ level }) => level <= 3).slice(0, maxHeadings);
  return top.length < 3 ? [] : top;
}

/** Links to headings, set in by their levels. */
export function ContentsList({ headings }: { headings: readonly Heading[] }) {
  const least = Math.min(...headings.map(({ level }) => level));
  return (
    <ul class="contents-list">
      {headings.map(({ id, text, level }) => (
        <li key={id} data-level={level - least}>
          <a href={`#${id}`}>
            <bdi>{text}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
}

import type { Heading } from '../../../parts/markdown/shape-markdown.ts';

/** Headings that the list has at the most. */
const maxHeadings = 100;

/** List of the headings of a README. */
export function Contents({ headings }: { headings: readonly Heading[] }) {
  const top = headings.filter(({ level }) => level <= 3).slice(0, maxHeadings);
  if (top.length < 3) return null;
  const least = Math.min(...top.map(({ level }) => level));
  return (
    <nav class="contents" aria-labelledby="contents-title">
      <h2 id="contents-title">On this page</h2>
      <ul class="contents-list">
        {top.map(({ id, text, level }) => (
          <li key={id} data-level={level - least}>
            <a href={`#${id}`}>
              <bdi>{text}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

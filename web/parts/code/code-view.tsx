import { useMemo } from 'preact/hooks';
import { Chunk } from './chunk.tsx';
import { cutLines, findLines } from './text-lines.ts';
import { findComments } from './tokenize.ts';
import type { Language } from './tokens.ts';
import './code.css';

const noLines: ReadonlySet<number> = new Set();

/** Text with line numbers, each a link, in colours. Texts of any length stay smooth: see {@link Chunk}. */
export function CodeView({
  text,
  label,
  language,
  line,
  search = '',
  hrefOfLine,
}: {
  text: string;
  label: string;
  language: Language;
  /** Line that the address names. */
  line?: number | undefined;
  search?: string;
  hrefOfLine: (line: number) => string;
}) {
  const { lines, chunks } = useMemo(() => cutLines(text), [text]);
  const comments = useMemo(
    () => (language === 'template' ? findComments(lines) : noLines),
    [lines, language],
  );
  const found = useMemo(() => new Set(findLines(lines, search)), [lines, search]);
  return (
    // biome-ignore-start lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section
      class="code"
      aria-label={label}
      tabIndex={0}
      dir="ltr"
      style={{ '--digits': String(lines.length).length }}
    >
      {chunks.map((chunk) => (
        <Chunk
          key={chunk.first}
          {...chunk}
          language={language}
          comments={comments}
          current={line}
          found={found.size > 0 ? found : noLines}
          href={hrefOfLine}
        />
      ))}
    </section>
    // biome-ignore-end lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
  );
}

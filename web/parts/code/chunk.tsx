import { useEffect, useRef, useState } from 'preact/hooks';
import { shortenLine } from './text-lines.ts';
import { tokenizeLine } from './tokenize.ts';
import type { Language, Token } from './tokens.ts';

/** Pixels of a line, as the style sheet has it. */
const lineHeight = 20;

/** Lines of code that belong together. */
export interface ChunkProperties {
  first: number;
  lines: readonly string[];
  language: Language;
  /** Places of the lines that begin inside a comment. */
  comments: ReadonlySet<number>;
  /** Line that the address names. */
  current: number | undefined;
  found: ReadonlySet<number>;
  href: (line: number) => string;
}

/**
 * Some lines of code. Out of sight it is one plain text, which the browser's own search finds; near it, it has colours
 * and numbers.
 */
export function Chunk({ first, lines, language, comments, current, found, href }: ChunkProperties) {
  const element = useRef<HTMLPreElement>(null);
  const hasCurrent = current !== undefined && current >= first && current < first + lines.length;
  const [isNear, setNear] = useState(first === 1 || hasCurrent);
  useEffect(() => (element.current ? callWhenNear(element.current, () => setNear(true)) : undefined), []);
  useEffect(() => {
    if (!hasCurrent) return;
    setNear(true);
    const line = element.current?.querySelector('[data-current]') ?? element.current;
    line?.scrollIntoView({ block: 'center' });
  }, [hasCurrent ? current : undefined, isNear]);
  return (
    <pre ref={element} style={{ containIntrinsicBlockSize: `${lines.length * lineHeight}px` }}>
      {isNear || hasCurrent ? (
        lines.map((line, index) => (
          <Line
            key={first + index}
            number={first + index}
            tokens={tokenizeLine(shortenLine(line), language, comments.has(first + index - 1))}
            isCurrent={first + index === current}
            isFound={found.has(first + index)}
            href={href}
          />
        ))
      ) : (
        <code>{lines.map(shortenLine).join('\n')}</code>
      )}
    </pre>
  );
}

function Line({
  number,
  tokens,
  isCurrent,
  isFound,
  href,
}: {
  number: number;
  tokens: readonly Token[];
  isCurrent: boolean;
  isFound: boolean;
  href: (line: number) => string;
}) {
  return (
    <span data-current={isCurrent ? '' : undefined} data-found={isFound ? '' : undefined}>
      {/* Thousands of stops would bar the way of the keyboard, which has "Go to line". */}
      {/* biome-ignore lint/a11y/useAnchorContent: the style sheet draws the number, so that copied code has none. */}
      <a href={href(number)} data-line={number} tabIndex={-1} aria-label={`Line ${number}`} />
      {tokens.map(({ text, kind }, index) =>
        kind ? (
          <span key={index} data-kind={kind}>
            {text}
          </span>
        ) : (
          text
        ),
      )}
      {'\n'}
    </span>
  );
}

const nearCallbacks = new WeakMap<Element, () => void>();
let observer: IntersectionObserver | undefined;

// Observer of all chunks: it calls back once for each, when that comes near.
function callWhenNear(element: Element, onNear: () => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) nearCallbacks.get(target)?.();
    },
    { rootMargin: '800px' },
  );
  const current = observer;
  nearCallbacks.set(element, () => {
    current.unobserve(element);
    onNear();
  });
  current.observe(element);
  return () => current.unobserve(element);
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../button.tsx';
import { describeBytes } from '../bytes.ts';
import { createMarkdownDocument, type MarkdownDocument } from './markdown-document.ts';
import type { Heading, MarkdownContext } from './shape-markdown.ts';
import './markdown.css';

/** Pieces that are shown at first. */
const firstPieces = 3;

/** Text of a chart in Markdown. A long text shows its beginning, and all of it on request. */
export function Markdown({
  source,
  context,
  onHeadings,
}: {
  source: string;
  context: Omit<MarkdownContext, 'slug'>;
  onHeadings?: (headings: readonly Heading[]) => void;
}) {
  const container = useRef<HTMLDivElement>(null);
  const shown = useRef<MarkdownDocument | undefined>(undefined);
  const [rest, setRest] = useState(0);
  const [isBusy, setBusy] = useState(true);

  async function show(pieces: number): Promise<void> {
    const current = shown.current;
    if (!current) return;
    setBusy(true);
    await current.show(pieces);
    if (shown.current !== current) return;
    setBusy(false);
    setRest(current.rest());
    onHeadings?.(current.headings());
  }

  // The button goes: who had the focus on it reads on at what has come.
  async function showAll(button: Element): Promise<void> {
    const last = container.current?.lastElementChild;
    await show(Number.POSITIVE_INFINITY);
    const next = last?.nextElementSibling;
    const { activeElement, body } = document;
    if (!(next instanceof HTMLElement) || (activeElement !== button && activeElement !== body)) return;
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  useEffect(() => {
    const node = container.current;
    if (!node) return;
    const current = createMarkdownDocument(source, context, node);
    shown.current = current;
    void show(firstPieces).then(() => {
      if (shown.current === current) jumpToFragment(node);
    });
    return () => {
      shown.current = undefined;
      current.close();
    };
  }, [source, context.path]);

  return (
    <div class="stack" aria-busy={isBusy}>
      <div ref={container} class="markdown" dir="auto" />
      {rest > 0 ? (
        <p class="row">
          <Button isBusy={isBusy} onClick={({ currentTarget }) => void showAll(currentTarget)}>
            Show all ({describeBytes(rest)} more)
          </Button>
        </p>
      ) : null}
    </div>
  );
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Goes to the heading that the address names, once it is there. */
function jumpToFragment(node: HTMLElement): void {
  const id = decodeText(location.hash.slice(1));
  const target = id === '' ? null : document.getElementById(id);
  if (target && node.contains(target)) target.scrollIntoView();
}

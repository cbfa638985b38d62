import { cleanMarkdown } from './clean-markdown.ts';
import { createMarkdownRenderer } from './markdown-renderer.ts';
import { type Heading, type MarkdownContext, shapeMarkdown } from './shape-markdown.ts';
import { createSlugMaker } from './slug.ts';
import { splitMarkdown } from './split-markdown.ts';

/** Text in Markdown that is put on the page piece by piece. */
export interface MarkdownDocument {
  /** Shows some more pieces, and ends when they are there or the document is closed. */
  show(count: number): Promise<void>;
  /** Characters that are not shown yet. */
  rest(): number;
  /** Headings that are shown. */
  headings(): readonly Heading[];
  close(): void;
}

/** Creates a document in an element, which it empties first. */
export function createMarkdownDocument(
  source: string,
  context: Omit<MarkdownContext, 'slug'>,
  container: HTMLElement,
): MarkdownDocument {
  const renderer = createMarkdownRenderer();
  const pieces = splitMarkdown(source);
  const headings: Heading[] = [];
  const slug = createSlugMaker();
  let next = 0;
  let isClosed = false;
  container.replaceChildren();

  async function showPiece(text: string): Promise<void> {
    const html = await renderer.render(text);
    if (isClosed) return;
    const section = document.createElement('section');
    if (html === undefined) {
      section.append(createPlain(text));
    } else {
      const fragment = cleanMarkdown(html);
      headings.push(...shapeMarkdown(fragment, { ...context, slug }));
      section.append(fragment);
    }
    container.append(section);
  }

  return {
    async show(count) {
      const end = Math.min(pieces.length, next + count);
      while (next < end && !isClosed) {
        const text = pieces[next++] ?? '';
        await showPiece(text);
      }
    },
    rest: () => pieces.slice(next).reduce((sum, piece) => sum + piece.length, 0),
    headings: () => [...headings],
    close() {
      isClosed = true;
      renderer.close();
    },
  };
}

// A piece that cannot be rendered is shown as it was written.
function createPlain(text: string): HTMLPreElement {
  const block = document.createElement('pre');
  block.tabIndex = 0;
  block.textContent = text;
  return block;
}

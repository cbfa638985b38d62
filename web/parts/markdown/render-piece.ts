import { Marked, type Tokens } from 'marked';
import { stripReportedHtml } from './strip-reported-html.ts';

const marked = new Marked({
  gfm: true,
  breaks: false,
  async: false,
  renderer: {
    // Boxes of task lists are text: inputs of a README would be controls without a name.
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  },
});

/**
 * Renders a piece of Markdown as HTML. The result is not safe to show: `cleanMarkdown` makes it so.
 * @throws Error where the text is nested too deeply
 */
export function renderPiece(text: string): string {
  const html = marked.parse(text);
  return typeof html === 'string' ? stripReportedHtml(html) : '';
}

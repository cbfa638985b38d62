import { describe, expect, it } from 'vitest';
import { renderPiece } from './render-piece.ts';
import { pieceLength, splitMarkdown } from './split-markdown.ts';

const paragraph = `${'word '.repeat(200)}\n\n`;

describe('pieces of Markdown', () => {
  it('a short text is one piece', () => {
    expect(splitMarkdown('# A\r\n\r\ntext\r\n')).toEqual(['# A\n\ntext\n']);
    expect(splitMarkdown(' \n\n')).toEqual([]);
  });

  it('pieces have the whole text, each little more than their length', () => {
    const text = paragraph.repeat(2_000);
    const pieces = splitMarkdown(text);
    expect(pieces.length).toBeGreaterThan(20);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(pieceLength + 2 * paragraph.length);
    expect(pieces.join('\n').replaceAll('\n', '')).toBe(text.replaceAll('\n', ''));
  });

  it('fenced code is not cut where it is of bearable length', () => {
    const code = `~~~yaml\n\`\`\`\n${'a: 1\n\n'.repeat(2_000)}~~~\n\n`;
    const pieces = splitMarkdown(paragraph.repeat(40) + code + paragraph.repeat(80));
    const holder = pieces.filter((piece) => piece.includes('a: 1'));
    expect(pieces.length).toBeGreaterThan(1);
    expect(holder).toHaveLength(1);
    expect(holder[0]).toContain('~~~yaml');
  });

  it('a line without end is cut', () => {
    const pieces = splitMarkdown('x'.repeat(20 * pieceLength));
    expect(pieces.length).toBeGreaterThan(5);
  });

  it('each piece knows the links that are defined anywhere', () => {
    const pieces = splitMarkdown(`see [home]\n\n${paragraph.repeat(200)}[home]: https://example.org\n`);
    expect(pieces.length).toBeGreaterThan(1);
    expect(renderPiece(pieces[0] ?? '')).toContain('<a href="https://example.org">home</a>');
  });
});

describe('rendering', () => {
  it('tables and lists of GitHub are known, and boxes are text', () => {
    const html = renderPiece('| a |\n|---|\n| b |\n\n- [x] done\n- [ ] not\n\n~~gone~~');
    expect(html).toContain('<table>');
    expect(html).toContain('☑');
    expect(html).toContain('☐');
    expect(html).not.toContain('<input');
    expect(html).toContain('<del>gone</del>');
  });
});

import { tokenizeLine } from '../code/tokenize.ts';
import { type Language, languageNamed } from '../code/tokens.ts';
import { idPrefix } from './clean-markdown.ts';
import { repairLists } from './repair-lists.ts';
import { type ResolvedLink, resolveLink } from './resolve-link.ts';
import { replaceImage } from './shape-image.ts';

/** Surroundings of a text: where its links lead, and which ids its headings get. */
export interface MarkdownContext {
  /** Path of the text in the archive. */
  path: string;
  isFile(path: string): boolean;
  /** Address in the page of a file of the archive. */
  pageOf(path: string): string;
  /** Address of the bytes of a file of the archive. */
  bytesOf(path: string): string;
  slug(text: string): string;
  /** Levels by which headings are lowered. */
  lowered: number;
}

/** Longest code that is coloured. */
const maxColouredLength = 20_000;

/** Heading of a text, for the list of its contents. */
export interface Heading {
  id: string;
  text: string;
  level: number;
}

/** Shapes a clean fragment for the page: links, images, headings, code and tables. Answers its headings. */
export function shapeMarkdown(fragment: DocumentFragment, context: MarkdownContext): Heading[] {
  const resolve = (address: string) => resolveLink(address, context.path, context.isFile);
  repairLists(fragment);
  const links = [...fragment.querySelectorAll<HTMLAnchorElement>('a[href]')];
  const names = links.map((link) => setLinkTarget(link, resolve(link.getAttribute('href') ?? ''), context));
  for (const image of fragment.querySelectorAll('img')) replaceImage(image, resolve, context);
  links.forEach((link, index) => {
    if (!hasName(link)) link.append(names[index] ?? '');
  });
  for (const table of fragment.querySelectorAll('table')) wrapTable(table);
  for (const block of fragment.querySelectorAll('pre')) shapeCode(block);
  for (const element of fragment.querySelectorAll('[class]')) element.removeAttribute('class');
  return [...fragment.querySelectorAll<HTMLElement>('h1, h2, h3, h4, h5, h6')].flatMap((heading) =>
    shapeHeading(heading, context),
  );
}

/** Points a link at what its address was resolved to. @returns its text, for a link that has none of its own */
function setLinkTarget(link: HTMLAnchorElement, found: ResolvedLink, { pageOf }: MarkdownContext): string {
  const address = link.getAttribute('href') ?? '';
  link.removeAttribute('href');
  if (found.kind === 'external') {
    link.href = found.href;
    link.rel = 'noopener noreferrer nofollow';
    return found.host;
  }
  if (found.kind === 'file') {
    link.href = pageOf(found.path);
    return found.path;
  }
  if (found.kind === 'anchor') {
    link.href = `#${idPrefix}${found.id.replace(idPrefix, '')}`;
    return `#${found.id}`;
  }
  link.title = `${address.slice(0, 200)} is not in this archive`;
  return '';
}

function hasName(link: Element): boolean {
  return Boolean(link.textContent?.trim() || link.querySelector('img[alt]:not([alt=""])'));
}

function wrapTable(table: HTMLTableElement): void {
  const frame = document.createElement('div');
  frame.dataset.frame = 'table';
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', 'Table');
  table.replaceWith(frame);
  frame.append(table);
}

// Code scrolls by keyboard too, and has colours where it says its language.
function shapeCode(block: HTMLPreElement): void {
  block.tabIndex = 0;
  const language = /\blanguage-([\w-]{1,20})/.exec(block.querySelector('code')?.className ?? '')?.[1];
  const text = block.textContent ?? '';
  if (language && text.length <= maxColouredLength)
    colourCode(block, text, languageNamed(language.toLowerCase()));
}

/** Puts the tokens of a text in the place of the text. */
function colourCode(block: HTMLPreElement, text: string, language: Language): void {
  const code = document.createElement('code');
  for (const line of text.split(/(?<=\n)/)) {
    for (const token of tokenizeLine(line, language)) {
      if (token.kind === undefined) {
        code.append(token.text);
        continue;
      }
      const span = document.createElement('span');
      span.dataset.kind = token.kind;
      span.append(token.text);
      code.append(span);
    }
  }
  block.replaceChildren(code);
}

function shapeHeading(heading: HTMLElement, { slug, lowered }: MarkdownContext): Heading[] {
  const text = heading.textContent?.trim() ?? '';
  const level = Number(heading.tagName.slice(1));
  const lower = document.createElement(text ? `h${Math.min(level + lowered, 6)}` : 'div');
  lower.append(...heading.childNodes);
  heading.replaceWith(lower);
  if (!text) return [];
  lower.id = idPrefix + slug(text);
  return [{ id: lower.id, text, level }];
}

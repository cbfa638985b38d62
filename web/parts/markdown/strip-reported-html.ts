/** Elements that go with all that is in them. */
const droppedTagPattern = /^(?:script|style)$/i;

/** Attributes that go: handlers of events, and styles. */
const droppedAttributePattern = /^(?:on|style$)/i;

/**
 * Strips from HTML all that browsers report while they parse it. By the policy of the page they report handlers,
 * styles, scripts and `<base>`. It keeps the console quiet, and is not a safeguard: `cleanMarkdown` decides what is
 * safe afterwards. Reads each character once.
 */
export function stripReportedHtml(html: string): string {
  const lower = html.toLowerCase();
  let quiet = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    quiet += html.slice(at, open);
    if (html.startsWith('<!--', open)) {
      at = indexOrEnd(lower, '-->', open + 4) + 3;
      continue;
    }
    const name = /^<\/?[a-z][^\s/>]*/i.exec(html.slice(open, open + 40))?.[0];
    if (name === undefined) {
      quiet += '<';
      at = open + 1;
      continue;
    }
    const tag = readTag(html, open + name.length);
    const element = name.replace(/^<\/?/, '');
    at = tag.end;
    if (droppedTagPattern.test(element)) {
      if (!name.startsWith('</')) at = indexOrEnd(lower, `</${element.toLowerCase()}`, at);
    } else if (element.toLowerCase() !== 'base') quiet += `${name}${tag.kept}>`;
  }
  return quiet + html.slice(at);
}

/** Reads the attributes of a tag as browsers do. A tag without an end is dropped with what follows, as by them. */
function readTag(html: string, from: number): { kept: string; end: number } {
  const attribute = /[\s/]*(?:(>)|([^\s/>][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>][^\s>]*|(?=>)))?)/y;
  let kept = '';
  attribute.lastIndex = from;
  for (;;) {
    const found = attribute.exec(html);
    if (!found) return { kept, end: html.length };
    if (found[1]) return { kept, end: attribute.lastIndex };
    if (!droppedAttributePattern.test(found[2] ?? '')) kept += ` ${found[0].trim()}`;
  }
}

function indexOrEnd(html: string, text: string, from: number): number {
  const found = html.indexOf(text, from);
  return found < 0 ? html.length : found;
}

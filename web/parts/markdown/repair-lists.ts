/** Elements that may be children of a list. */
const listChildTags = new Set(['LI']);

/**
 * Repairs markup that screen readers misread. Such markup is lists with other elements than items, items outside of lists,
 * pictures around images.
 */
export function repairLists(fragment: DocumentFragment): void {
  for (const list of fragment.querySelectorAll('ul, ol')) {
    if (![...list.children].every((child) => listChildTags.has(child.tagName))) changeTag(list, 'div');
  }
  for (const item of fragment.querySelectorAll('li')) {
    if (!/^(?:UL|OL)$/.test(item.parentElement?.tagName ?? '')) changeTag(item, 'div');
  }
  for (const summary of fragment.querySelectorAll('summary')) {
    const isFirst = summary.parentElement?.tagName === 'DETAILS' && !summary.previousElementSibling;
    if (!isFirst || !summary.textContent?.trim()) changeTag(summary, 'div');
  }
  for (const picture of fragment.querySelectorAll('picture')) picture.replaceWith(...picture.childNodes);
}

function changeTag(element: Element, tag: string): void {
  const other = document.createElement(tag);
  other.append(...element.childNodes);
  element.replaceWith(other);
}

/** Creates a function that gives headings their ids, as GitHub does. A second heading of one text gets a number. */
export function createSlugMaker(): (text: string) => string {
  const counts = new Map<string, number>();
  return (text) => {
    const slug = toSlug(text) || 'section';
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  };
}

/** Writes a heading as GitHub does in addresses. */
export function toSlug(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
    .slice(0, 100);
}

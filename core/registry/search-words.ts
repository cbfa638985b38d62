/** Splits a text into words as migration 0008 does for the search table. Words end at ASCII punctuation. */
export function splitWords(text: string): string[] {
  return text.split(separators).filter((word) => word !== '');
}

const separators = /[\0-/:-@[-`{-\x7f]+/;

/**
 * Makes a possible chart name of a text, in lower case. The name is the text itself, or its words joined by dashes.
 * @returns undefined when neither could be a name
 */
export function toPossibleChartName(text: string): string | undefined {
  const names = [text.trim(), splitWords(text).join('-')].map((name) => name.toLowerCase());
  return names.find((name) => /^[a-z0-9._-]+$/.test(name));
}

/** Writes the tsquery of words. Each may be the beginning of a found word. */
export function toPrefixQuery(words: readonly string[], weights = ''): string {
  return words.map((word) => `'${word}':*${weights}`).join(' & ');
}

/** Replaces words of a text, and keeps what is between them. */
export function replaceWords(text: string, replacements: ReadonlyMap<string, string>): string {
  const between = text.match(new RegExp(separators, 'g')) ?? [];
  return text
    .split(separators)
    .map((word, index) => (replacements.get(word) ?? word) + (between[index] ?? ''))
    .join('');
}

/** Kinds of typing errors, the likeliest first; `none` is the word as it was typed. */
export const typingErrorKinds = ['none', 'swapped', 'wrong', 'missing', 'extra'] as const;

/** A word that may have been meant, with the error that would have been made. */
export interface WordCandidate {
  text: string;
  error: (typeof typingErrorKinds)[number];
}

/** Fewest letters of a word in which an error is forgiven: almost every shorter one is next to another word. */
const minLetters = 4;
/** Most letters of a word in which an error is forgiven; the candidates are 74 for each letter. */
const maxLetters = 40;

/** Letters of chart names, which replace and complete those that were typed. */
const alphabet = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

/** Whether a typing error in a word is forgiven. Numbers are versions or ports, all of which are near one another. */
export function isForgivable(word: string): boolean {
  const letters = [...word].length;
  return letters >= minLetters && letters <= maxLetters && /\p{L}/u.test(word);
}

/**
 * Lists the words that one typing error turns into a word, and the word itself. Each comes once, with its likeliest
 * error. Letters beyond those of chart names may be swapped or be too many, but are not guessed.
 */
export function listCandidates(word: string): WordCandidate[] {
  const letters = [...word.toLowerCase()];
  const found = new Map<string, WordCandidate>();
  const add = (error: WordCandidate['error'], at: number, length: number, inserted: readonly string[]) => {
    const text = [...letters.slice(0, at), ...inserted, ...letters.slice(at + length)].join('');
    if (!found.has(text)) found.set(text, { text, error });
  };
  const places = [...letters.keys()];
  add('none', 0, 0, []);
  for (const at of places) {
    const [first, second] = letters.slice(at, at + 2);
    if (first !== undefined && second !== undefined) add('swapped', at, 2, [second, first]);
  }
  for (const at of places) for (const letter of alphabet) add('wrong', at, 1, [letter]);
  for (const at of [...places, letters.length])
    for (const letter of alphabet) add('missing', at, 0, [letter]);
  for (const at of places) add('extra', at, 1, []);
  return [...found.values()];
}

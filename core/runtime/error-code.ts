/** What an error says in a word, for the end of a sentence: the code that a driver gives it, or its text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

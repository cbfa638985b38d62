/** Where the program of the checking threads lies: beside this file, compiled or not. */
export function threadProgram(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./thread-main.${extension}`, import.meta.url);
}

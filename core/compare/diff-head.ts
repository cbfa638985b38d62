/** Sides of a comparison that have a file. */
interface Sides {
  hasFrom: boolean;
  hasTo: boolean;
}

/** Writes the head of a diff as git does, before the names. The head has the file, and whether it comes or goes. */
export function writeDiffHead(path: string, { hasFrom, hasTo }: Sides): string {
  const mode = hasFrom ? (hasTo ? '' : 'deleted file mode 100644\n') : 'new file mode 100644\n';
  return `diff --git ${quote(`a/${path}`)} ${quote(`b/${path}`)}\n${mode}`;
}

/** Writes the two lines with the names of a file before its hunks. */
export function writeFileNameLines(path: string, { hasFrom, hasTo }: Sides): string {
  const from = hasFrom ? writeFileName(`a/${path}`) : '/dev/null';
  const to = hasTo ? writeFileName(`b/${path}`) : '/dev/null';
  return `--- ${from}\n+++ ${to}\n`;
}

/** Writes a name; a tab ends one with a space, so that readers see where it ends. */
function writeFileName(name: string): string {
  const quoted = quote(name);
  return quoted === name && name.includes(' ') ? `${name}\t` : quoted;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be quoted.
const charactersToQuote = /["\\\x00-\x1f\x7f]/g;

/**
 * Quotes a name with control characters, quotes or backslashes as git does. One that ends with a space is quoted too:
 * `patch` takes the space off, and does not find the file.
 */
function quote(name: string): string {
  const escaped = name.replaceAll(
    charactersToQuote,
    (character) =>
      letterEscapes.get(character) ?? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return escaped === name && !name.endsWith(' ') ? name : `"${escaped}"`;
}

const letterEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

/** Bytes or so of a piece: small enough that rendering it holds up nothing. */
export const pieceLength = 48_000;
/** Largest length of a piece that has no place to cut; what is longer is cut anywhere. */
const maxPieceLength = 2 * pieceLength;
/** Largest number of link definitions that pieces share. */
const maxDefinitions = 500;

const fencePattern = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const definitionPattern =
  /^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S{1,2000}(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'))?[ \t]*$/;

/**
 * Cuts a Markdown text into pieces at blank lines outside of fenced code. Definitions of links stand in front of each
 * piece, so that all of them know all links.
 */
export function splitMarkdown(source: string): string[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  const definitions: string[] = [];
  const pieces: string[] = [];
  let piece: string[] = [];
  let length = 0;
  let opened: string | undefined;
  const close = () => {
    if (piece.some((line) => line.trim() !== '')) pieces.push(piece.join('\n'));
    piece = [];
    length = 0;
  };
  for (const line of lines.flatMap(cutLine)) {
    const mark = fencePattern.exec(line);
    if (mark) opened = toggleFence(opened, mark[1] ?? '', mark[2] ?? '');
    const isBlank = line.trim() === '';
    const mayCut = opened === undefined && isBlank;
    if ((length >= pieceLength && mayCut) || length >= maxPieceLength) close();
    if (opened === undefined && definitions.length < maxDefinitions && definitionPattern.test(line)) {
      definitions.push(line);
    } else {
      piece.push(line);
    }
    length += line.length + 1;
  }
  close();
  if (definitions.length === 0) return pieces;
  const shared = `${definitions.join('\n')}\n\n`;
  return pieces.map((text) => shared + text);
}

/** Finds the fence that is open behind a line with a mark, if one is. */
function toggleFence(opened: string | undefined, mark: string, info: string): string | undefined {
  if (opened === undefined) return mark.startsWith('`') && info.includes('`') ? undefined : mark;
  const closes = mark[0] === opened[0] && mark.length >= opened.length && info.trim() === '';
  return closes ? undefined : opened;
}

/** Cuts a line that is longer than a piece. */
function cutLine(line: string): string[] {
  if (line.length <= maxPieceLength) return [line];
  const parts: string[] = [];
  for (let at = 0; at < line.length; at += pieceLength) parts.push(line.slice(at, at + pieceLength), '');
  return parts;
}

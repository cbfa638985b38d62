/** Server-sent event, or the id alone of one that brings nothing. */
export interface ServerEvent {
  /** Type; `message` if the stream names none. */
  type: string;
  /** Last id that the stream has named, from which it resumes; empty before the first. */
  id: string;
  /** Undefined where only the id has changed. */
  data: string | undefined;
}

/** Longest line and longest event, in characters; no stream can fill the memory. */
const maxEventCharacters = 32 * 1024 * 1024;

/**
 * Reads server-sent events (HTML standard, 9.2.6) from the body of a response.
 * @param heard is called whenever bytes come, comments included
 * @throws {RangeError} for an event that is too long; what the stream fails with
 */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  heard: () => void = () => {},
): AsyncGenerator<ServerEvent, void> {
  let type = '';
  let data: string[] = [];
  let id = '';
  let knownId = '';
  let length = 0;
  for await (const line of readLines(body, heard)) {
    if (line === '') {
      if (data.length > 0) yield { type: type || 'message', id, data: data.join('\n') };
      else if (id !== knownId) yield { type: 'message', id, data: undefined };
      knownId = id;
      type = '';
      data = [];
      length = 0;
      continue;
    }
    const { field, value } = parseField(line);
    if (field === 'event') type = value;
    if (field === 'data') data.push(value);
    if (field === 'id' && !value.includes('\0')) id = value;
    length += line.length;
    if (length > maxEventCharacters)
      throw new RangeError(`An event has more than ${maxEventCharacters} characters.`);
  }
}

function parseField(line: string): { field: string; value: string } {
  const colon = line.indexOf(':');
  if (colon < 0) return { field: line, value: '' };
  const value = line.slice(colon + 1);
  return { field: line.slice(0, colon), value: value.startsWith(' ') ? value.slice(1) : value };
}

/** Splits a stream into lines, which end with CRLF, LF or CR; what comes after the last end is dropped. */
async function* readLines(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  let endsInReturn = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      let text = decoder.decode(value, { stream: true });
      // A line feed completes the line end that the chunk before ended in.
      if (endsInReturn && text.startsWith('\n')) text = text.slice(1);
      if (text === '') continue;
      endsInReturn = text.endsWith('\r');
      const lines = text.split(/\r\n|\n|\r/);
      lines[0] = rest + (lines[0] ?? '');
      rest = lines.pop() ?? '';
      if (rest.length > maxEventCharacters)
        throw new RangeError(`A line has more than ${maxEventCharacters} characters.`);
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

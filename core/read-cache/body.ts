/** Bytes of a response: whole, or in pieces, which several bodies may share. */
export type ResponseBody = Uint8Array<ArrayBuffer> | readonly Uint8Array<ArrayBuffer>[];

/** Returns the pieces of a body; a whole one is a single piece. */
export function piecesOf(body: ResponseBody): readonly Uint8Array<ArrayBuffer>[] {
  return body instanceof Uint8Array ? [body] : body;
}

/** Counts the bytes of a body. */
export function byteLengthOf(body: Uint8Array | readonly Uint8Array[]): number {
  return body instanceof Uint8Array ? body.length : body.reduce((sum, { length }) => sum + length, 0);
}

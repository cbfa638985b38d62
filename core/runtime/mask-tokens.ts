/**
 * Masks tokens in a client's text, before it is logged, recorded or sent back. Masked are secrets of the registry's
 * tokens, well-formed or not, and signed tokens of OCI clients and CI jobs, also where they are percent-encoded. Ids of
 * tokens stay. All up to the next space, quote or `&` goes: a secret that was mistyped is a secret still.
 * @returns the text as it is where there is nothing to mask, else with letters and digits decoded
 */
export function maskTokens(text: string): string {
  if (!suspectPattern.test(text)) return text;
  const plain = decodeUnreserved(text);
  const masked = plain.replaceAll(tokenPattern, maskToken).replaceAll(signedTokenPattern, 'eyJ***');
  return masked === plain ? text : masked;
}

/** Pattern of texts that may have a token: all others are done with at once. */
const suspectPattern = /hrt_|eyJ|%/i;

const tokenPattern = /hrt_([^\s"&]*)/gi;

/**
 * Pattern of signed tokens (JWT): `{"` in base64 begins their header. Cut ones have no second dot, so the length
 * decides.
 */
const signedTokenPattern = /eyJ[\w.-]{17,}/g;

function maskToken(whole: string, rest: string): string {
  const [id] = /^[a-z0-9]{1,16}(?=_|$)/.exec(rest) ?? [];
  // An id alone is not secret, and names the token to those who look for it.
  if (id === rest || rest === '') return whole;
  return id === undefined ? 'hrt_***' : `hrt_${id}_***`;
}

/** Decodes the characters that need no encoding (RFC 3986, section 2.3), however often they were encoded. */
function decodeUnreserved(text: string): string {
  return text.replaceAll(/%(?:25)*([0-9a-f]{2})/gi, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(character) ? character : encoded;
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the point is to find them
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the point is to find them
const controlsInText = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g;

/** Makes a text fit for a cell. Charts may say anything, and a terminal obeys control characters. */
export function plainCell(text: string): string {
  return text.replace(controls, ' ').trim();
}

/** Escapes the controls that JSON allows in its texts, of which a terminal obeys some. The value stays as it is. */
export function plainJson(json: string): string {
  return json.replace(controlsInText, (found) =>
    Array.from(found, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** Removes control characters from a text of several lines, for a terminal. */
export function plainText(text: string): string {
  return text.replace(controlsInText, '');
}

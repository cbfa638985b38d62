/** What both spaces and charts may be called at most; `helm create` has the same limit. */
const maxLength = 250;

/** Whether a space may have this name: letters, digits, `_` and `-`, beginning with a letter or digit. */
export function isSpaceName(name: string): boolean {
  return name.length <= maxLength && /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(name);
}

/** Whether a chart may have this name: as a space's, and with `.`, which Helm allows too. */
export function isChartName(name: string): boolean {
  return name.length <= maxLength && /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(name);
}

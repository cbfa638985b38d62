/** Largest length of the name of a space or chart, in characters; `helm create` has the same limit. */
const maxLength = 250;

/** Checks the name of a space. A name has letters, digits, `_` and `-`, and begins with a letter or digit. */
export function isSpaceName(name: string): boolean {
  return name.length <= maxLength && /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(name);
}

/** Checks the name of a chart: a space's rule, and `.`, which Helm allows too. */
export function isChartName(name: string): boolean {
  return name.length <= maxLength && /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(name);
}

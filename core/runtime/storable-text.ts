/**
 * Replaces what PostgreSQL cannot store in a text. U+0000 and halves of surrogate pairs become U+FFFD.
 * Archives may have such characters in names, keys and values, since Helm loads them.
 */
export function toStorableText(text: string): string {
  return /[\0\uD800-\uDFFF]/.test(text) ? text.replace(/\0|\p{Surrogate}/gu, '\uFFFD') : text;
}

/** Patterns of HTTP's date formats, current and obsolete (RFC 9110 section 5.6.7). */
const datePatterns = {
  today: /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  rfc850: /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  asctime: /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
};

/** Parses a date header. @returns milliseconds since 1970, or NaN for anything else, which then counts as not sent */
export function parseHttpDate(text = ''): number {
  if (datePatterns.today.test(text) || datePatterns.rfc850.test(text)) return Date.parse(text);
  return datePatterns.asctime.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}

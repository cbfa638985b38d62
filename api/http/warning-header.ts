/** Header `Warning: 299 - "comments.lost: ..."` (RFC 7234, section 5.5), for an answer whose body has no room for one. */
export function warningHeader(lost: string | undefined): Record<string, string> {
  return lost === undefined ? {} : { Warning: `299 - ${JSON.stringify(`comments.lost: ${lost}`)}` };
}

/** Name and password for a registry. */
export interface BasicCredentials {
  user: string;
  password: string;
}

/** Writes the header `Authorization` of a name and password (RFC 7617). */
export function basicHeader({ user, password }: BasicCredentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

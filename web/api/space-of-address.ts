/** Finds the space of an address of this registry: `ORIGIN/SPACE`, or `oci://HOST/SPACE`. */
export function spaceOfAddress(
  address: string | undefined,
  { origin, host }: { origin: string; host: string },
): string | undefined {
  const prefix = [`${origin}/`, `oci://${host}/`].find((start) => address?.startsWith(start));
  return prefix === undefined ? undefined : address?.slice(prefix.length).split('/')[0] || undefined;
}

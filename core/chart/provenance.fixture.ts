/** Makes a clear-signed message (RFC 9580 section 7) with a false signature. */
export function signInTheClear(message: string): Buffer {
  const escaped = message.replace(/^-/gm, '- -');
  return Buffer.from(
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${escaped}\n-----BEGIN PGP SIGNATURE-----\n\nwsBc\n=abcd\n-----END PGP SIGNATURE-----\n`,
  );
}

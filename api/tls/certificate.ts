import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Config } from '../../core/config/settings.ts';
import { StartError } from '../../core/runtime/startup-error.ts';

/** Files of a certificate and its key. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** Certificate that has been found usable. */
export interface Certificate {
  /** Options of a server or of `setSecureContext`. */
  options: { cert: Buffer; key: Buffer; minVersion: 'TLSv1.2' };
  expires: Date;
}

/** Returns the files of the settings; undefined for a registry that speaks HTTP. */
export function certificateFiles({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>) {
  return tlsCert === '' ? undefined : { certFile: tlsCert, keyFile: tlsKey };
}

/**
 * Reads a certificate and its key, and checks that a server can use both.
 * @throws {StartError} with the setting and file that cannot be used
 */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem('TLS_CERT', certFile), readPem('TLS_KEY', keyFile)]);
  const first = readOrThrowStartError(
    () => new X509Certificate(cert),
    `TLS_CERT (${certFile}) has no certificate in PEM form`,
  );
  const advice = isEncrypted(key)
    ? `TLS_KEY (${keyFile}) is encrypted: store the key without a passphrase, readable by the registry's user alone`
    : `TLS_KEY (${keyFile}) has no private key in PEM form`;
  const privateKey = readOrThrowStartError(() => createPrivateKey(key), advice);
  if (!first.checkPrivateKey(privateKey)) {
    throw new StartError(
      `TLS_KEY (${keyFile}) is not the key of TLS_CERT (${certFile}), whose first certificate must be the server's own`,
    );
  }
  const options = { cert, key, minVersion: 'TLSv1.2' as const };
  readOrThrowStartError(() => createSecureContext(options), `TLS_CERT (${certFile}) cannot be used`);
  return { options, expires: new Date(first.validTo) };
}

async function readPem(setting: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT') throw new StartError(`${setting}: there is no file ${file}`);
    throw new StartError(
      `${setting}: ${file} cannot be read (${code}); this user needs the right to read it`,
    );
  }
}

/** Runs a reader of OpenSSL. Its own messages quote nothing of the file. */
function readOrThrowStartError<T>(read: () => T, problem: string): T {
  try {
    return read();
  } catch (error) {
    throw new StartError(`${problem} (${error instanceof Error ? error.message : String(error)})`);
  }
}

function isEncrypted(key: Buffer): boolean {
  return /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(key.toString('latin1'));
}

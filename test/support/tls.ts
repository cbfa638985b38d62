import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/**
 * Names of the certificates in `tls/`, each of its own key and issued by itself for localhost. `first` and `second` are
 * valid until 2126, `expired` was until 2021.
 */
export type TestCertificate = 'first' | 'second' | 'expired';

const fileOf = (name: string) => new URL(`tls/${name}`, import.meta.url);

/** Returns the text of a certificate or key of `tls/`. */
export function readTestPem(name: `${TestCertificate}.${'crt' | 'key'}`): Promise<string> {
  return readFile(fileOf(name), 'utf8');
}

/** Folder in which a registry finds its certificate. */
export interface CertificateFolder {
  settings: { tlsCert: string; tlsKey: string };
  /** Puts a certificate, or a file of it, in place of the former, as a renewal does. */
  put(name: TestCertificate, parts?: readonly ('crt' | 'key')[]): Promise<void>;
}

/** Makes a folder with a certificate, until the test has ended. */
export async function makeCertificateFolder(name: TestCertificate = 'first'): Promise<CertificateFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-tls-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const put = async (certificate: TestCertificate, parts: readonly ('crt' | 'key')[] = ['crt', 'key']) => {
    for (const part of parts) {
      await copyFile(fileOf(`${certificate}.${part}`), join(folder, `new.${part}`));
      await rename(join(folder, `new.${part}`), join(folder, `tls.${part}`));
    }
  };
  await put(name);
  return { settings: { tlsCert: join(folder, 'tls.crt'), tlsKey: join(folder, 'tls.key') }, put };
}

/** Answer to a request by HTTPS. */
export interface SecureAnswer {
  status: number | undefined;
  body: string;
  /** Common name of the certificate that the server showed. */
  certificate: string;
  protocol: string | null;
}

/** Sends a request on a new connection, and trusts the given certificate alone. */
export async function getSecurely(
  url: string,
  trusted: TestCertificate,
  { maxVersion, ...headers }: { maxVersion?: 'TLSv1.1' | 'TLSv1.2' } & Record<string, string> = {},
): Promise<SecureAnswer> {
  const ca = await readTestPem(`${trusted}.crt`);
  // OpenSSL refuses to speak the old versions at its usual level.
  const old = maxVersion === 'TLSv1.1' ? { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' } : {};
  const options = { ca, agent: false, headers, ...(maxVersion ? { maxVersion } : {}), ...old };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const shown = describeSocket(answer.socket);
      text(answer).then((body) => resolve({ status: answer.statusCode, body, ...shown }), reject);
    });
    sent.on('error', reject).end();
  });
}

function describeSocket(socket: Socket): Pick<SecureAnswer, 'certificate' | 'protocol'> {
  if (!(socket instanceof TLSSocket)) throw new Error('the answer came without TLS');
  return { certificate: String(socket.getPeerCertificate().subject.CN), protocol: socket.getProtocol() };
}

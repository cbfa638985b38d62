import type { Server } from 'node:https';
import type { Log } from '../../core/runtime/log.ts';
import { StartError } from '../../core/runtime/startup-error.ts';
import { type Certificate, type CertificateFiles, readCertificate } from './certificate.ts';

/** Milliseconds between two checks of the files. A certificate is renewed days before it expires. */
const intervalMs = 5000;

/** Milliseconds before the end of a certificate from which on the log warns. */
const expiryWarningMs = 7 * 24 * 3600 * 1000;

/**
 * Watches the files of a server's certificate, and reloads it when they change. New connections get the new one; open ones go on. The
 * contents are compared, since links, mounts and copies change files in ways that a watch does not see. A certificate
 * whose key is not there yet, or that cannot be used, leaves the old one in use.
 * @param current certificate that the server began with
 */
export function watchCertificate(
  server: Server,
  files: CertificateFiles,
  current: Certificate,
  log: Log,
): void {
  let used = current;
  let reported = '';
  let warned = '';
  let reading = false;
  warnOfEnd();

  async function reload(): Promise<void> {
    try {
      const found = await readCertificate(files);
      reported = '';
      if (!isSame(found, used)) {
        server.setSecureContext(found.options);
        used = found;
        log.info({ expires: found.expires.toISOString() }, 'using the new certificate');
      }
    } catch (error) {
      // Between the writing of two files they do not fit; the next look finds them complete.
      const problem = error instanceof StartError ? error.message : String(error);
      if (problem !== reported)
        log.warn({ problem }, 'the certificate is not renewed, the old one stays in use');
      reported = problem;
    }
    warnOfEnd();
  }

  function warnOfEnd(): void {
    const warning = describeEnd(used);
    if (warning !== '' && warning !== warned) log.warn({ expires: used.expires.toISOString() }, warning);
    warned = warning;
  }

  const timer = setInterval(() => {
    if (reading) return;
    reading = true;
    void reload().finally(() => {
      reading = false;
    });
  }, intervalMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

function isSame(a: Certificate, b: Certificate): boolean {
  return a.options.cert.equals(b.options.cert) && a.options.key.equals(b.options.key);
}

function describeEnd({ expires }: Certificate): string {
  const left = expires.getTime() - Date.now();
  if (left < 0) return 'the certificate has expired, and clients refuse it';
  return left < expiryWarningMs ? 'the certificate expires within a week' : '';
}

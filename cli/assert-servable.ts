import { assertFree } from '../api/listen.ts';
import { certificateFiles, readCertificate } from '../api/tls/certificate.ts';
import { assertAccessChosen } from '../core/config/access-mode.ts';
import type { Config } from '../core/config/settings.ts';

/**
 * Checks that the interface can be served as set. Called before anything slow is started.
 * @throws {StartError} without a choice of access, or when the address or the certificate cannot be used
 */
export async function assertServable(config: Config): Promise<void> {
  assertAccessChosen(config);
  const files = certificateFiles(config);
  if (files) await readCertificate(files);
  await assertFree(config.listen, 'LISTEN');
  if (config.metricsListen !== '') await assertFree(config.metricsListen, 'METRICS_LISTEN');
}

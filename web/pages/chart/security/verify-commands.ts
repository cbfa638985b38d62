import type { VersionRef } from '@helm-registry/client';
import { quoteForShell } from '../../../parts/values/set-argument.ts';

/** Writes the commands that verify a version. The address is that at which the page is read. */
export function verifyCommands(
  { space, chart, version }: VersionRef,
  { host, protocol }: Pick<Location, 'host' | 'protocol'>,
): { helm: string; cosign: string } {
  const isPlain = protocol === 'http:';
  const image = quoteForShell(`${host}/${space}/${chart}:${version.replaceAll('+', '_')}`);
  const oci = quoteForShell(`oci://${host}/${space}/${chart}`);
  return {
    helm: `helm pull ${oci} --version ${quoteForShell(version)} --verify${isPlain ? ' --plain-http' : ''}`,
    cosign: `cosign verify --key cosign.pub${isPlain ? ' --allow-http-registry' : ''} ${image}`,
  };
}

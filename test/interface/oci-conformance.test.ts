import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { hasConformance, runConformance } from '../support/oci-programs.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
/** Balances over all API processes, so that consecutive chunks reach different ones. */
let balancer: Balancer;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  balancer = await startBalancer(registry.urls);
});
afterAll(async () => {
  await balancer.close();
  await registry.close();
});

// Optional parts of version 1.1 of the specification that this registry has are tested too.
const version = {
  OCI_VERSION: '1.1',
  OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
  OCI_API_BLOBS_DIGEST_HEADER: 'true',
  OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
  OCI_API_MANIFESTS_TAG_PARAM: 'true',
};

/** Rows of the table that are disabled, each with a reason. */
const off = {
  // A manifest whose blobs were not pushed is refused, as the specification allows: every listed manifest can be pulled.
  'Sparse Manifests': 'Disabled',
};

/** Rows that do not apply where access is guarded. */
const offWhereGuarded = {
  // The program's registry token may pull from no other repository, and a blob is mounted from none that it may not pull.
  'Blob anonymous mount': 'Skip',
};

describe.skipIf(!hasConformance())('the conformance program of OCI registries', () => {
  it('the conformance program of OCI registries passes in every row of its table', {
    timeout: 180_000,
  }, async () => {
    const { rows, report } = await runConformance(registry.url, ['conformance/one', 'conformance/two'], {
      ...version,
      ...loginOf(registry),
    });
    expect(Object.keys(rows).length).toBeGreaterThanOrEqual(52);
    const notPassed = Object.fromEntries(Object.entries(rows).filter(([, state]) => state !== 'Pass'));
    expect(notPassed, report.slice(-20_000)).toEqual(registry.login ? { ...off, ...offWhereGuarded } : off);
  });
});

function loginOf({ login }: TestRegistry): Record<string, string> {
  return login ? { OCI_USERNAME: login.user, OCI_PASSWORD: login.password } : {};
}

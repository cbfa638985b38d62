import { buffer } from 'node:stream/consumers';
import { isRegistryError, RegistryError } from '../errors.ts';
import type { RenderedDocument } from '../read-cache/response-cache.ts';
import { readVersionFile } from '../registry/chart-contents.ts';
import { versionNameOf } from '../registry/names.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { findArchive } from '../registry/versions.ts';

/**
 * Reads a chart's own templates and values, as ChartMuseum shows them.
 * @param admit checks that there is room in memory, once a thread is free
 * @returns `{"templates":[{"name","data"}],"values"}`; `data` is in base64
 * @throws {RegistryError} `version.notFound`, or that of its chart or space; the errors of `admit`
 */
export async function readTemplates(
  registry: RegistryDeps,
  ref: VersionRef,
  admit: () => Promise<void>,
): Promise<RenderedDocument> {
  for (;;) {
    const { digest } = await findArchive(registry, ref);
    let isGone = false;
    const load = async () => {
      await admit();
      const archive = await registry.blobs.open(digest);
      isGone = archive === undefined;
      if (!archive) throw new Error(`the bytes of ${versionNameOf(ref)} are missing`);
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
 * @throws {RegistryError} `values.notFound`; `version.notFound`, or that of its chart or space
 */
export async function readValuesFile(registry: RegistryDeps, ref: VersionRef): Promise<RenderedDocument> {
  try {
    // A copy: the caller keeps it longer than the opened archive, which its bytes are a view of.
    return { text: new Uint8Array((await readVersionFile(registry, ref, valuesFile)).bytes) };
  } catch (error) {
    if (!isRegistryError(error, 'file.notFound')) throw error;
    throw new RegistryError('values.notFound', `${versionNameOf(ref)} has no ${valuesFile}.`);
  }
}

const valuesFile = 'values.yaml';

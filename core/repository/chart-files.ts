import { readFiles } from '../chart/read-chart.ts';
import { createYamlBudget, parseYamlMap } from '../chart/yaml.ts';
import { RegistryError } from '../errors.ts';
import type { JsonText } from '../registry/documents.ts';
import { nameOf } from '../registry/names.ts';
import { readStored } from '../registry/read-stored.ts';
import type { Registry, VersionRef } from '../registry/registry.ts';
import { findArchive } from '../registry/versions.ts';

/**
 * The templates of a chart, its subcharts' left out, and its own values: what ChartMuseum shows of Helm's `chart.Chart`.
 * @returns `{"templates":[{"name","data"}],"values"}`; `data` is in base64
 * @throws {RegistryError} `version.notFound` and its kin
 */
export async function readTemplates(registry: Registry, ref: VersionRef): Promise<JsonText> {
  const isTemplate = (path: string) => path.startsWith('templates/');
  const files = await readSome(registry, ref, (path) => path === valuesFile || isTemplate(path));
  const templates = [...files]
    .filter(([path]) => isTemplate(path))
    .map(([name, content]) => ({ name, data: content.toString('base64') }));
  const values = parseYamlMap(files.get(valuesFile)?.toString('utf8') ?? '', {
    file: valuesFile,
    code: 'values.invalid',
    budget: createYamlBudget(),
  });
  return JSON.stringify({ templates, values });
}

/**
 * A chart's own values.yaml as it is in the archive.
 * @throws {RegistryError} `values.notFound`; `version.notFound` and its kin
 */
export async function readValuesFile(registry: Registry, ref: VersionRef): Promise<string> {
  const content = (await readSome(registry, ref, (path) => path === valuesFile)).get(valuesFile);
  if (content) return content.toString('utf8');
  throw new RegistryError('values.notFound', `${nameOf(ref)} has no ${valuesFile}.`);
}

const valuesFile = 'values.yaml';

async function readSome(registry: Registry, ref: VersionRef, keep: (path: string) => boolean) {
  for (;;) {
    const { digest } = await findArchive(registry, ref);
    const files = await registry.inspecting.pass(() =>
      readStored(registry, digest, (archive) => readFiles(archive, registry.limits, keep)),
    );
    // Where it has gone, the version has gone too, or has another one by now.
    if (files) return files;
  }
}

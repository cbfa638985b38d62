import type { ChartFiles } from '../chart/chart.ts';
import { createYamlBudget } from '../yaml/yaml-source.ts';
import { parseYamlMap } from '../yaml/yaml.ts';

const valuesFile = 'values.yaml';

const isTemplate = (path: string) => path.startsWith('templates/');

/** Whether {@link writeTemplates} has a use for a file. */
export function isTemplatesFile(path: string): boolean {
  return path === valuesFile || isTemplate(path);
}

/**
 * Writes the templates of a chart and its own values as ChartMuseum does, as one piece of memory: as a string, of a chart of
 * the largest size, it would be there several times over.
 * @returns `{"templates":[{"name","data"}],"values"}`; `data` is in base64
 * @throws {RegistryError} `values.invalid`
 */
export function writeTemplates(files: ChartFiles): Uint8Array<ArrayBuffer> {
  const values = parseYamlMap(files.get(valuesFile)?.toString('utf8') ?? '', {
    file: valuesFile,
    code: 'values.invalid',
    budget: createYamlBudget(),
  });
  const end = `],"values":${JSON.stringify(values)}}`;
  const templates = [...files].filter(([path]) => isTemplate(path));
  const heads = templates.map(
    ([name], index) => `${index > 0 ? ',' : ''}{"name":${JSON.stringify(name)},"data":"`,
  );
  const start = '{"templates":[';
  let length = start.length + Buffer.byteLength(end);
  for (const [index, [, content]] of templates.entries()) {
    length += Buffer.byteLength(heads[index] ?? '') + 4 * Math.ceil(content.length / 3) + 2;
  }
  const json = Buffer.from(new ArrayBuffer(length));
  let at = json.write(start);
  for (const [index, [, content]] of templates.entries()) {
    at += json.write(heads[index] ?? '', at);
    at += json.write(content.toString('base64'), at, 'latin1');
    at += json.write('"}', at);
  }
  json.write(end, at);
  return new Uint8Array(json.buffer);
}

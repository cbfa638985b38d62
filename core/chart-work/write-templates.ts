import type { ChartFiles } from '../chart/chart.ts';
import { parseYamlMap } from '../yaml/yaml.ts';
import { createYamlBudget } from '../yaml/yaml-source.ts';

const valuesFile = 'values.yaml';

const isTemplate = (path: string) => path.startsWith('templates/');

/** Tells whether {@link writeTemplates} needs a file. */
export function isTemplateOrValues(path: string): boolean {
  return path === valuesFile || isTemplate(path);
}

/**
 * Writes the templates and own values of a chart as ChartMuseum does. All files come in one buffer. A string of a
 * very large chart would be in memory several times.
 * @returns `{"templates":[{"name","data"}],"values"}`; `data` is in base64
 * @throws {RegistryError} `values.invalid`
 */
export function writeTemplates(files: ChartFiles): Uint8Array<ArrayBuffer> {
  const values = parseYamlMap(files.get(valuesFile)?.toString('utf8') ?? '', {
    file: valuesFile,
    code: 'values.invalid',
    budget: createYamlBudget(),
  });
  const tail = `],"values":${JSON.stringify(values)}}`;
  const templates = [...files].filter(([path]) => isTemplate(path));
  const heads = templates.map(
    ([name], index) => `${index > 0 ? ',' : ''}{"name":${JSON.stringify(name)},"data":"`,
  );
  const opening = '{"templates":[';
  let length = opening.length + Buffer.byteLength(tail);
  for (const [index, [, content]] of templates.entries()) {
    length += Buffer.byteLength(heads[index] ?? '') + 4 * Math.ceil(content.length / 3) + 2;
  }
  const json = Buffer.from(new ArrayBuffer(length));
  let offset = json.write(opening);
  for (const [index, [, content]] of templates.entries()) {
    offset += json.write(heads[index] ?? '', offset);
    offset += json.write(content.toString('base64'), offset, 'latin1');
    offset += json.write('"}', offset);
  }
  json.write(tail, offset);
  return new Uint8Array(json.buffer);
}

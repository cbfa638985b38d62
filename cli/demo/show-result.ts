import { isObject, type Json, type JsonObject } from '../../core/yaml/json.ts';
import { stringifyYaml } from '../../core/yaml/yaml.ts';
import { space } from './upload-examples.ts';

/** Prints the composed chart's tree, its values, and how to download it. */
export async function showResult(url: string, say: (line: string) => void): Promise<void> {
  const version = `${url}/api/v1/spaces/${space}/charts/shop/versions/1.0.0`;
  const metadata = await readObject(`${version}/manifests/metadata`);
  say('\nThe chart:');
  printTree(metadata, '  ', say);
  say('\nIts values:');
  const values = stringifyYaml(await readObject(`${version}/manifests/values`));
  for (const line of values.trimEnd().split('\n')) say(`  ${line}`);
  say(`\nDownload it:\n  curl -o shop-1.0.0.tgz ${version}`);
}

function printTree(chart: JsonObject, indent: string, say: (line: string) => void): void {
  say(`${indent}${chart.name} ${chart.version}${chart.description ? `  ${chart.description}` : ''}`);
  const { dependencies } = chart;
  if (!Array.isArray(dependencies)) return;
  for (const child of dependencies) if (isObject(child)) printTree(child, `${indent}  `, say);
}

async function readObject(url: string): Promise<JsonObject> {
  const document: Json = JSON.parse(await (await fetch(url)).text());
  return isObject(document) ? document : {};
}

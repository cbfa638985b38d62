import { isObject, type Json, type JsonObject } from '../../core/yaml/json.ts';
import { stringifyYaml } from '../../core/yaml/yaml.ts';
import { exampleSpace } from './upload-examples.ts';

/** Prints the composed chart's tree, its values, and how to download it. */
export async function showResult(url: string, print: (line: string) => void): Promise<void> {
  const version = `${url}/api/v1/spaces/${exampleSpace}/charts/shop/versions/1.0.0`;
  const metadata = await readObject(`${version}/manifests/metadata`);
  print('\nThe chart:');
  printTree(metadata, '  ', print);
  print('\nIts values:');
  const values = stringifyYaml(await readObject(`${version}/manifests/values`));
  for (const line of values.trimEnd().split('\n')) print(`  ${line}`);
  print(`\nDownload it:\n  curl -o shop-1.0.0.tgz ${version}`);
}

function printTree(chart: JsonObject, indent: string, print: (line: string) => void): void {
  print(`${indent}${chart.name} ${chart.version}${chart.description ? `  ${chart.description}` : ''}`);
  const { dependencies } = chart;
  if (!Array.isArray(dependencies)) return;
  for (const child of dependencies) if (isObject(child)) printTree(child, `${indent}  `, print);
}

async function readObject(url: string): Promise<JsonObject> {
  const document: Json = JSON.parse(await (await fetch(url)).text());
  return isObject(document) ? document : {};
}

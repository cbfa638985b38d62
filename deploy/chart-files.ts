import { readdir, readFile } from 'node:fs/promises';
import { settings } from '../core/config/settings.ts';
import { packageFolder, programVersion } from '../core/runtime/package-info.ts';
import { isObject, type JsonObject } from '../core/yaml/json.ts';
import { describeValues } from './describe-values.ts';

const chart = new URL('deploy/chart/', packageFolder);
const monitoring = new URL('deploy/monitoring/', packageFolder);

/** File of the chart that is made from other files of the project, and its text as it should be. */
export interface MadeFile {
  url: URL;
  text: string;
}

/**
 * Makes what the chart has from elsewhere.
 * These are the table of values in its README, the names of settings in its schema, its version, and copies of
 * dashboard and alerts, which Helm reads from the chart's own folder alone.
 */
export async function makeChartFiles(): Promise<MadeFile[]> {
  return [await makeReadme(), await makeSchema(), await makeManifest(), ...(await copyMonitoring())];
}

async function makeReadme(): Promise<MadeFile> {
  const url = new URL('README.md', chart);
  const table = describeValues(await readFile(new URL('values.yaml', chart), 'utf8'));
  return { url, text: replacePart(await readFile(url, 'utf8'), table) };
}

function replacePart(text: string, table: string): string {
  const part = /(<!-- values -->\n)[\s\S]*(\n<!-- \/values -->)/;
  if (!part.test(text)) throw new Error('deploy/chart/README.md has no place for the values');
  return text.replace(part, (_, start: string, end: string) => `${start}${table}${end}`);
}

/** Makes the schema accept in `settings` those that the chart has no value for, secrets left out. */
async function makeSchema(): Promise<MadeFile> {
  const url = new URL('values.schema.json', chart);
  const schema = objectOf(JSON.parse(await readFile(url, 'utf8')));
  const properties = objectOf(schema.properties);
  const owned = await listOwnSettings();
  const names = Object.values(settings).flatMap(({ env, secret }) => (secret || owned.has(env) ? [] : [env]));
  properties.settings = { ...objectOf(properties.settings), propertyNames: { enum: names } };
  return { url, text: `${JSON.stringify(schema, null, 2)}\n` };
}

/** Lists the variables that the templates set. */
export async function listOwnSettings(): Promise<ReadonlySet<string>> {
  const templates = await Promise.all(
    ['_environment.tpl', '_pod.tpl'].map((name) => readFile(new URL(`templates/${name}`, chart), 'utf8')),
  );
  const names = templates.join('\n').matchAll(/"name" "([A-Z][A-Z0-9_]*)"|- name: ([A-Z][A-Z0-9_]*)$/gm);
  return new Set([...names].map(([, variable, name]) => variable ?? name ?? ''));
}

async function makeManifest(): Promise<MadeFile> {
  const url = new URL('Chart.yaml', chart);
  const text = await readFile(url, 'utf8');
  return { url, text: text.replaceAll(/^((?:version|appVersion): ).*$/gm, `$1${programVersion}`) };
}

/** Makes the copies of the files in deploy/monitoring, if there are any. */
async function copyMonitoring(): Promise<MadeFile[]> {
  const names = await readdir(monitoring).catch(() => []);
  const read = names.filter((name) => ['alerts.yaml', 'dashboard.json'].includes(name));
  return Promise.all(
    read.map(async (name) => ({
      url: new URL(`files/${name}`, chart),
      text: await readFile(new URL(name, monitoring), 'utf8'),
    })),
  );
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw new Error('an object is missing in values.schema.json');
}

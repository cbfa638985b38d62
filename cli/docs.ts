import { readFile, writeFile } from 'node:fs/promises';
import { describeSettings, exampleSettings } from '../core/config/describe.ts';
import { packageFolder } from '../core/runtime/package-info.ts';

// `npm run docs`: writes the settings into docs/configuration.md and config.example.yaml.

const page = new URL('docs/configuration.md', packageFolder);
const text = await readFile(page, 'utf8');
const table = /(<!-- settings -->\n)[\s\S]*(<!-- \/settings -->)/;
if (!table.test(text)) throw new Error('docs/configuration.md has no place for the settings');
await writeFile(page, text.replace(table, `$1${describeSettings().replaceAll('$', '$$$$')}\n$2`));
await writeFile(new URL('config.example.yaml', packageFolder), exampleSettings());

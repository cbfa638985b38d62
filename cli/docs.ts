import { readFile, writeFile } from 'node:fs/promises';
import { describeSettings, exampleSettings } from '../core/config/describe.ts';
import { packageFolder } from '../core/runtime/package-folder.ts';

// `npm run docs`: writes what is generated from the settings into README.md and config.example.yaml.

const readme = new URL('README.md', packageFolder);
const text = await readFile(readme, 'utf8');
const table = /(<!-- settings -->\n)[\s\S]*(<!-- \/settings -->)/;
if (!table.test(text)) throw new Error('README.md has no place for the settings');
await writeFile(readme, text.replace(table, `$1${describeSettings().replaceAll('$', '$$$$')}\n$2`));
await writeFile(new URL('config.example.yaml', packageFolder), exampleSettings());

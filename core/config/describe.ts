import { stringify } from 'yaml';
import type { Json } from '../yaml/json.ts';
import { type Setting, settings } from './settings.ts';

/** Table of settings for docs/configuration.md, in Markdown. */
export function describeSettings(): string {
  const rows = Object.values(settings).map(
    (setting) =>
      `| \`${setting.env}\` | \`${setting.key}\` | ${showDefault(setting.default)} | ${setting.doc} |`,
  );
  return ['| environment | file | default | what it does |', '|---|---|---|---|', ...rows].join('\n');
}

/** An example file that says every setting's default, with what each is for. */
export function exampleSettings(): string {
  const lines = [
    '# Every setting with its default. Leave out what you do not change; docs/configuration.md has them as a table.',
  ];
  const tree: Folder = new Map();
  for (const setting of Object.values(settings)) {
    const folders = setting.key.split('.');
    const name = folders.pop() ?? '';
    folderAt(tree, folders).set(name, setting);
  }
  writeFolder(tree, '', lines);
  return `${lines.join('\n')}\n`;
}

/** Settings by the last part of their key, and folders of more of them. */
type Folder = Map<string, Folder | Setting<unknown>>;

/** The folder at a path; what has the same parent stands together, or a key would be there twice. */
function folderAt(tree: Folder, path: readonly string[]): Folder {
  let folder = tree;
  for (const name of path) {
    const known = folder.get(name);
    const next: Folder = known instanceof Map ? known : new Map();
    folder.set(name, next);
    folder = next;
  }
  return folder;
}

function writeFolder(folder: Folder, indent: string, lines: string[]): void {
  for (const [name, entry] of folder) {
    if (entry instanceof Map) {
      lines.push(`${indent}${name}:`);
      writeFolder(entry, `${indent}  `, lines);
    } else {
      lines.push(
        `${indent}# ${entry.doc}`,
        `${indent}${stringify({ [name]: entry.default }, { singleQuote: true }).trimEnd()}`,
      );
    }
  }
}

function showDefault(value: Json): string {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${String(value)}\``;
}

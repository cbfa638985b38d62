import { stringify } from 'yaml';
import type { Json } from '../yaml/json.ts';
import type { Setting } from './settings/setting.ts';
import { settings } from './settings.ts';

/** Makes the table of settings for docs/configuration.md, in Markdown. */
export function describeSettings(): string {
  const rows = Object.values(settings).map(
    (setting) =>
      `| \`${setting.env}\` | \`${setting.key}\` | ${showDefault(setting.default)} | ${setting.doc} |`,
  );
  return ['| environment | file | default | what it does |', '|---|---|---|---|', ...rows].join('\n');
}

/** Makes the example file with every setting's default and purpose. */
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

/** Settings and nested folders by the last part of their key. */
type Folder = Map<string, Folder | Setting<unknown>>;

/** Returns the folder at a path, shared by all keys with the prefix, or a key would occur twice. */
function folderAt(tree: Folder, path: readonly string[]): Folder {
  let folder = tree;
  for (const name of path) {
    const existing = folder.get(name);
    const next: Folder = existing instanceof Map ? existing : new Map();
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
        `${indent}${stringify({ [name]: entry.default }, { singleQuote: true, collectionStyle: 'flow' })
          .trimEnd()
          .replace(/^\{ (.*) \}$/s, '$1')}`,
      );
    }
  }
}

function showDefault(value: Json): string {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${String(value)}\``;
}

import type { Json } from '../chart/json.ts';
import { stringifyYaml } from '../chart/yaml.ts';
import { settings } from './settings.ts';

/** The README's table of settings, in Markdown. */
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
    '# Every setting with its default. Leave out what you do not change; README.md has the same as a table.',
  ];
  let open = '';
  for (const setting of Object.values(settings)) {
    const folders = setting.key.split('.');
    const name = folders.pop() ?? '';
    folders.forEach((folder, depth) => {
      const path = folders.slice(0, depth + 1).join('.');
      if (!`${open}.`.startsWith(`${path}.`)) lines.push(`${'  '.repeat(depth)}${folder}:`);
    });
    open = folders.join('.');
    const indent = '  '.repeat(folders.length);
    lines.push(
      `${indent}# ${setting.doc}`,
      `${indent}${stringifyYaml({ [name]: setting.default }).trimEnd()}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function showDefault(value: Json): string {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${String(value)}\``;
}

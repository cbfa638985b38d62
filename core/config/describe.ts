import type { Json, JsonObject } from '../chart/json.ts';
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
  let open: string[] = [];
  for (const setting of Object.values(settings)) {
    const path = setting.key.split('.');
    const shared = path
      .slice(0, -1)
      .filter(
        (part, depth) =>
          open.slice(0, depth + 1).join('.') === path.slice(0, depth + 1).join('.') && part === open[depth],
      );
    path.slice(shared.length, -1).forEach((part, depth) => {
      lines.push(`${'  '.repeat(shared.length + depth)}${part}:`);
    });
    open = path.slice(0, -1);
    const indent = '  '.repeat(path.length - 1);
    lines.push(
      `${indent}# ${setting.doc}`,
      `${indent}${stringifyYaml(pair(path.at(-1) ?? '', setting.default)).trimEnd()}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function pair(key: string, value: Json): JsonObject {
  return { [key]: value };
}

function showDefault(value: Json): string {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${String(value)}\``;
}

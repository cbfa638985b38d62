/** Piece of a line of code, and the colour that it has; plain text has none. */
export interface Token {
  text: string;
  kind?: TokenKind;
}

/** Kinds of tokens, each a class in the style sheet. */
export type TokenKind =
  | 'comment'
  | 'key'
  | 'string'
  | 'number'
  | 'literal'
  | 'template'
  | 'mark'
  | 'variable';

/** Languages that are coloured. */
export type Language = 'yaml' | 'template' | 'json' | 'shell' | 'text';

/** Kind by file name. Templates are YAML with Go templates in it. */
export function languageOfPath(path: string): Language {
  const name = path.toLowerCase();
  if (/\.(?:tpl|txt|gotmpl)$/.test(name) || /(?:^|\/)templates\//.test(name)) return 'template';
  if (/\.(?:yaml|yml)$/.test(name) || /(?:^|\/)\.helmignore$/.test(name)) return 'yaml';
  if (name.endsWith('.json')) return 'json';
  if (/\.(?:sh|bash)$/.test(name)) return 'shell';
  return 'text';
}

/** Language of a fenced block in Markdown. */
export function languageNamed(name: string): Language {
  if (/^(?:ya?ml|helm)$/.test(name)) return 'yaml';
  if (/^(?:go-template|gotmpl|go-text-template|tpl)$/.test(name)) return 'template';
  if (/^json[5c]?$/.test(name)) return 'json';
  if (/^(?:bash|sh|shell|console|zsh|terminal)$/.test(name)) return 'shell';
  return 'text';
}

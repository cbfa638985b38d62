import { readdir, readFile } from 'node:fs/promises';
import { packageFolder } from '../../core/runtime/package-info.ts';

/**
 * Lists README, CONTRIBUTING, CHANGELOG, the READMEs of client and chart and docs/. Paths are relative to the
 * project.
 */
export async function listDocuments(): Promise<string[]> {
  const names = await readdir(new URL('docs/', packageFolder), { recursive: true });
  const pages = names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'client/README.md',
    'deploy/chart/README.md',
    ...pages.sort(),
  ];
}

/** Reads a document by its path relative to the project. */
export function readDocument(path: string): Promise<string> {
  return readFile(new URL(path, packageFolder), 'utf8');
}

/**
 * Finds the commands of a page's walk, in order. Commands stand between `<!-- walk -->` and `<!-- /walk -->`.
 * @throws {Error} where a mark is not followed by one block of commands and its end
 * @param lacks whether a program is missing; blocks marked `<!-- walk PROGRAM -->` are then left out
 */
export function findWalk(text: string, lacks: (program: string) => boolean = () => false): string {
  const blocks = [...text.matchAll(/<!-- walk ?(\w*) -->\n```sh\n([\s\S]*?)```\n<!-- \/walk -->/g)];
  const marks = text.split('<!-- walk').length - 1;
  if (marks !== blocks.length) throw new Error(`${marks} marks and ${blocks.length} blocks of commands`);
  return blocks
    .filter(([, program = '']) => program === '' || !lacks(program))
    .map(([, , commands = '']) => commands)
    .join('');
}

/**
 * Finds a block of commands by its name. The block stands between `<!-- commands NAME -->` and `<!-- /commands -->`.
 * @throws {Error} where the page has no such block
 */
export function findCommands(text: string, name: string): string {
  const block = new RegExp(`<!-- commands ${name} -->\\n\`\`\`sh\\n([\\s\\S]*?)\`\`\`\\n<!-- /commands -->`);
  const [, commands] = block.exec(text) ?? [];
  if (commands === undefined) throw new Error(`the page has no commands named ${name}`);
  return commands;
}

/** Finds the table of settings in docs/configuration.md. */
export function findSettings(text: string): string {
  return text.split('<!-- settings -->\n')[1]?.split('<!-- /settings -->')[0]?.trimEnd() ?? '';
}

/** Finds the relative links of a page, as they are written. */
export function findLinks(text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^\w+:/.test(target));
}

/**
 * Finds paths of the project in backticks, such as `core/errors.ts` or `core/locks/`. Patterns with `*` are left out.
 */
export function findPaths(text: string): string[] {
  const rooms = 'api|bench|cli|client|core|deploy|docs|migrations|test|web|worker';
  return [...text.matchAll(new RegExp(`\`((?:${rooms})/[\\w./-]*)\``, 'g'))].map(([, path = '']) => path);
}

/** Finds the anchors of a page's headings, as GitHub makes them. */
export function findAnchors(text: string): string[] {
  const headings = text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

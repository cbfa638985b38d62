import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { packageFolder, programVersion } from '../core/runtime/package-info.ts';

// `npm run build:cli`: makes dist/command-line, a package with the user commands in one file and nothing to install
// beside it. `npm pack ./dist/command-line` packs it. An argument names another folder.

const [, , wanted] = process.argv;
const folder =
  wanted === undefined ? new URL('dist/command-line/', packageFolder) : pathToFileURL(`${resolve(wanted)}/`);
const pathOf = (path: string) => fileURLToPath(new URL(path, packageFolder));

/** Packages whose code the file contains. */
const bundled = ['commander', 'js-yaml', 'semver', 'yaml'];

await build({
  configFile: false,
  root: pathOf('cli/user'),
  logLevel: 'warn',
  define: { 'process.env.HELM_REGISTRY_VERSION': JSON.stringify(programVersion) },
  ssr: { noExternal: true },
  build: {
    ssr: pathOf('cli/user/main.ts'),
    outDir: fileURLToPath(folder),
    emptyOutDir: true,
    target: 'node20',
    minify: true,
    rolldownOptions: { output: { entryFileNames: 'helm-registry.js', codeSplitting: false } },
  },
});
await mkdir(folder, { recursive: true });
await writeFile(new URL('package.json', folder), `${JSON.stringify(await makeManifest(), null, 2)}\n`);
await copyFile(new URL('LICENSE', packageFolder), new URL('LICENSE', folder));
await writeFile(new URL('README.md', folder), await readPage());
await writeFile(new URL('THIRD-PARTY-LICENSES.txt', folder), await readLicenses());

/** Reads the page about the commands, without its links to pages that the package does not have. */
async function readPage(): Promise<string> {
  const text = await readFile(new URL('docs/command-line.md', packageFolder), 'utf8');
  return text.replaceAll(/\[([^\]]+)\]\((?!#)[^)]+\)/g, '$1').replaceAll(/<!--.*?-->\n/g, '');
}

async function makeManifest() {
  const { license, engines } = JSON.parse(await readFile(new URL('package.json', packageFolder), 'utf8'));
  return {
    name: '@helm-registry/command-line',
    version: programVersion,
    description: 'Pushes charts to a Helm registry, pulls and composes them.',
    license,
    type: 'module',
    engines,
    bin: { 'helm-registry': 'helm-registry.js' },
  };
}

/** Reads the licences of the packages whose code the file contains, which they want to go with it. */
async function readLicenses(): Promise<string> {
  const texts = await Promise.all(
    bundled.map(async (name) => {
      const text = await readFile(new URL(`node_modules/${name}/LICENSE`, packageFolder), 'utf8');
      return `${name}\n\n${text.trim()}\n`;
    }),
  );
  return texts.join('\n\n');
}

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { packArchive } from '../../core/archive/write-archive.ts';
import { packageFolder } from '../../core/runtime/package-info.ts';
import { StartError } from '../../core/runtime/startup-error.ts';

/** Space of the examples. */
export const exampleSpace = 'examples';

/** Packs and uploads each chart of `examples/charts`, as `helm package` and curl would. */
export async function uploadExamples(url: string, print: (line: string) => void): Promise<void> {
  const charts = new URL('examples/charts/', packageFolder);
  for (const name of (await readdir(charts)).sort()) {
    const archive = await packFolder(name, new URL(`${name}/`, charts));
    const form = new FormData();
    form.set('chartfile', new Blob([archive]), `${name}.tgz`);
    const response = await fetch(`${url}/api/v1/spaces/${exampleSpace}/charts`, {
      method: 'POST',
      body: form,
    });
    if (response.status === 201) print(`Uploaded ${exampleSpace}/${name} (${archive.length} bytes)`);
    else if (response.status === 409) print(`${exampleSpace}/${name} is still here from the last time`);
    else throw new StartError(`uploading ${name} was answered ${response.status}: ${await response.text()}`);
  }
}

async function packFolder(name: string, folder: URL): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const root = fileURLToPath(folder);
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length).replace(/^\//, ''))
    .sort();
  const files = await Promise.all(
    paths.map(async (path): Promise<[string, Buffer]> => [path, await readFile(new URL(path, folder))]),
  );
  return packArchive(name, files);
}

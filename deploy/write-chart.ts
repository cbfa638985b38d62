import { mkdir, writeFile } from 'node:fs/promises';
import { makeChartFiles } from './chart-files.ts';

// A part of `npm run docs`: writes the files of deploy/chart that are made from other files of the project.

for (const { url, text } of await makeChartFiles()) {
  await mkdir(new URL('.', url), { recursive: true });
  await writeFile(url, text);
}

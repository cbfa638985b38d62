import type { ChartFile, VersionClient } from '../../../client/src/index.ts';
import { CommandError } from '../command-error.ts';
import { formatBytes } from '../display/count.ts';
import type { View } from '../display/view.ts';
import { exitCodes } from '../exit-codes.ts';
import { findVersion } from '../find-version.ts';
import { formatAddress, parseChartAddress, parseFilePath } from '../parse-address.ts';
import type { Session } from '../session/session.ts';
import { readItems } from './list.ts';

const fileView: View<ChartFile> = {
  columns: [
    { title: 'PATH', value: ({ path }) => path },
    { title: 'KIND', value: ({ kind, use }) => use ?? kind },
    { title: 'SIZE', value: ({ size }) => formatBytes(size) },
  ],
  name: ({ path }) => path,
};

/**
 * Runs `helm-registry show chart`: Chart.yaml as it stands. As JSON or YAML it has the charts that are inside too.
 */
export async function showChart(session: Session, text: string): Promise<void> {
  const { output, signal } = session;
  const version = await openChartVersion(session, text);
  if (output.format === 'name') return output.text(`${formatAddress(version.ref)}\n`);
  if (output.format === 'table') return output.text(await version.fileText('Chart.yaml', { signal }));
  await output.data(await version.metadata({ signal }));
}

/**
 * Runs `helm-registry show values`: values.yaml as it stands. As JSON or YAML they are the values that templates get.
 */
export async function showValues(session: Session, text: string): Promise<void> {
  const { output, signal } = session;
  const version = await openChartVersion(session, text);
  if (output.format === 'table') return output.text(await version.fileText('values.yaml', { signal }));
  const values = await version.values({ signal });
  if (!(await output.data(values)))
    output.text(
      Object.keys(values)
        .map((key) => `${key}\n`)
        .join(''),
    );
}

/** Runs `helm-registry show readme`. @throws {CommandError} where the chart has none */
export async function showReadme(session: Session, text: string): Promise<void> {
  const version = await openChartVersion(session, text);
  const readme = await version.readme({ signal: session.signal });
  if (readme === undefined)
    throw new CommandError(`${formatAddress(version.ref)} has no README`, exitCodes.notFound);
  if (!(await session.output.data(readme))) session.output.text(readme);
}

/** Runs `helm-registry show files`: all files in the archive, or the content of one. */
export async function showFiles(session: Session, text: string, path: string | undefined): Promise<void> {
  const { output, signal } = session;
  const version = await openChartVersion(session, text);
  if (path === undefined) return output.list(fileView, await readItems(version.files({}, { signal })));
  // A file may be no text, so its bytes pass as they are.
  const file = await version.file(parseFilePath(path), { signal });
  if (process.stdout.isTTY) output.text(await file.text());
  else process.stdout.write(await file.bytes());
}

async function openChartVersion(session: Session, text: string): Promise<VersionClient> {
  return findVersion(await session.connect(), parseChartAddress(text), session.signal);
}

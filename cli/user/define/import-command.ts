import type { Command } from 'commander';
import { defineCommand, loadAndRun, parseCount, parseParallel } from './define-command.ts';

/** Adds the command that copies charts from elsewhere. */
export function addImportCommand(program: Command): void {
  defineCommand(program, 'import', {
    description:
      'copy charts from a folder, a chart repository or an OCI registry, with signatures and dates',
    more:
      'A version that is there with the same bytes is not copied again, so an import that was cut off is run once more. Bytes\n' +
      'and digests stay. Shows what did not come, and why; --report has every version.',
    examples: [
      'helm-registry import ./charts team-a',
      'helm-registry import ./tenants --dry-run',
      "helm-registry import $REPOSITORY team-a --chart 'we*' --range '>=1.0.0' --last 10 --report report.json",
      'helm-registry import $MUSEUM --tenant team-b --no-prereleases',
      'helm-registry import oci://$OCI_HOST/team-b team-c --chart web',
    ],
  })
    .argument(
      '<source>',
      'folder with archives at any depth, the address of a chart repository, or oci://HOST/PATH',
    )
    .argument('[space]', 'space of the charts; without it each folder in the folder is one, or each --tenant')
    .option('--chart <glob...>', 'only charts whose name matches')
    .option('--range <range>', 'only versions in a range, as Helm reads it')
    .option(
      '--last <number>',
      'only so many versions of each chart, the highest; pre-releases count apart',
      parseCount,
    )
    .option('--no-prereleases', 'leave pre-releases out')
    .option('--tenant <name...>', 'tenants of a ChartMuseum; each becomes a space')
    .option('--user <name>', 'user of the source, whose password is read from standard input')
    .option('--parallel <number>', 'versions at a time', parseParallel, 4)
    .option('--dry-run', 'show what would be copied')
    .option('--report <file>', 'write every version with its result to a file, as JSON')
    .action((source, space, options) =>
      loadAndRun(options, async () => {
        const { importCharts } = await import('../actions/import.ts');
        return (session) => importCharts(session, source, space, options);
      }),
    );
}

import type { Command } from 'commander';
import { defineCommand, loadAndRun, parseCount, parseParallel } from './define-command.ts';

/** Adds the commands that move charts and list them. */
export function addChartCommands(program: Command): void {
  defineCommand(program, 'push', {
    description: 'bring archives into a space, with the provenance files beside them',
    more: 'An archive that the space has already is not sent again, so a push that was cut off can be run once more. Exits with 1, or\nthe code that all failures share, when one of the archives is not in the registry at the end.',
    examples: [
      'helm-registry push team-a web-1.2.0.tgz',
      'helm-registry push team-a charts --parallel 8',
      'cat web-1.2.0.tgz | helm-registry push team-a -',
    ],
  })
    .argument('<space>', 'space; it is made if you may do that')
    .argument('<file...>', 'archives, folders with archives at any depth, or - for standard input')
    .option('--replace', 'replace versions that exist with other content, where the space lets that be')
    .option('--parallel <number>', 'archives at a time', parseParallel, 4)
    .action((space, files, options) =>
      loadAndRun(options, async () => {
        const { push } = await import('../actions/push.ts');
        return (session) => push(session, space, files, options);
      }),
    );

  defineCommand(program, 'pull', {
    description: 'download charts, with their provenance files',
    more: 'A version may be a range, of which the highest is pulled; without one the latest is. Digests are checked, and a file that\nis there already with the right digest is not downloaded.',
    examples: [
      'helm-registry pull team-a/web',
      "helm-registry pull team-a/web:1.2.0 'team-a/cache:^0.4' -d pulled",
      'helm-registry pull team-a --all-versions -d pulled',
    ],
  })
    .argument('<chart...>', 'SPACE/CHART, SPACE/CHART:VERSION, or SPACE for each of its charts')
    .option('-d, --destination <folder>', 'folder of the files; it is made if it is not there', '.')
    .option('--all-versions', 'pull all versions')
    .option('--parallel <number>', 'archives at a time', parseParallel, 4)
    .action((charts, options) =>
      loadAndRun(options, async () => {
        const { pull } = await import('../actions/pull.ts');
        return (session) => pull(session, charts, options);
      }),
    );

  defineCommand(program, 'list', {
    description: 'list spaces, the charts of a space, or the versions of a chart',
    examples: [
      'helm-registry list',
      'helm-registry list team-a',
      "helm-registry list team-a/web --range '^1.2' -o json",
      'helm-registry list team-a/web --limit 1 -o name',
    ],
  })
    .argument('[address]', 'SPACE or SPACE/CHART')
    .option('--filter <text>', 'only names or versions with this text')
    .option('--range <range>', 'only versions in a range, as Helm reads it')
    .option('--no-prereleases', 'leave pre-releases out')
    .option('--limit <number>', 'rows at the most', parseCount)
    .action((address, options) =>
      loadAndRun(options, async () => {
        const { list } = await import('../actions/list.ts');
        return (session) => list(session, address, options);
      }),
    );
}

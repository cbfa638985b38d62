import { type Command, Option } from 'commander';
import { defineCommand, loadAndRun, parseCount } from './define-command.ts';

/** Adds the commands that look into charts, and search them. */
export function addReadCommands(program: Command): void {
  addShowCommands(program.command('show').description('show what is in a chart'));

  defineCommand(program, 'search', {
    description: 'search charts by names, keywords and descriptions',
    examples: [
      'helm-registry search web',
      'helm-registry search front end --space team-a --limit 5',
      'helm-registry search --keyword http --sort updated -o name',
    ],
  })
    .argument('[word...]', 'words, or their beginnings; all charts without any')
    .option('--space <space>', 'only a space')
    .option('--keyword <keyword>', 'only charts with a keyword')
    .addOption(new Option('--type <type>', 'only charts of a type').choices(['application', 'library']))
    .option('--signed', 'only charts that are signed')
    .addOption(new Option('--sort <order>', 'order').choices(['relevance', 'name', 'updated']))
    .option('--limit <number>', 'charts at the most', parseCount, 50)
    .action((words, options) =>
      loadAndRun(options, async () => {
        const { search } = await import('../actions/search.ts');
        return (session) => search(session, words, options);
      }),
    );
}

function addShowCommands(show: Command): void {
  const version = 'SPACE/CHART, or SPACE/CHART:VERSION where the version may be a range';
  defineCommand(show, 'chart', {
    description: 'show Chart.yaml as it stands; with -o json or yaml as the registry reads it',
    examples: ['helm-registry show chart team-a/web', "helm-registry show chart 'team-a/web:^1' -o json"],
  })
    .argument('<chart>', version)
    .action((chart, options) =>
      loadAndRun(options, async () => {
        const { showChart } = await import('../actions/show.ts');
        return (session) => showChart(session, chart);
      }),
    );
  defineCommand(show, 'values', {
    description: 'show values.yaml as it stands; with -o json or yaml the values that templates get',
    examples: ['helm-registry show values team-a/web', 'helm-registry show values team-a/web:1.2.0 -o yaml'],
  })
    .argument('<chart>', version)
    .action((chart, options) =>
      loadAndRun(options, async () => {
        const { showValues } = await import('../actions/show.ts');
        return (session) => showValues(session, chart);
      }),
    );
  defineCommand(show, 'readme', {
    description: 'show the README',
    examples: ['helm-registry show readme team-a/web'],
  })
    .argument('<chart>', version)
    .action((chart, options) =>
      loadAndRun(options, async () => {
        const { showReadme } = await import('../actions/show.ts');
        return (session) => showReadme(session, chart);
      }),
    );
  defineCommand(show, 'files', {
    description: 'list the files of an archive, or write one of them to standard output',
    examples: [
      'helm-registry show files team-a/web',
      'helm-registry show files team-a/web:1.2.0 templates/deployment.yaml',
    ],
  })
    .argument('<chart>', version)
    .argument('[path]', 'path of a file in the chart')
    .action((chart, path, options) =>
      loadAndRun(options, async () => {
        const { showFiles } = await import('../actions/show.ts');
        return (session) => showFiles(session, chart, path);
      }),
    );
}

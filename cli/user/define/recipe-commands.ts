import { type Command, Option } from 'commander';
import { defineCommand, loadAndRun, parseDuration } from './define-command.ts';

/** Adds the commands that compose charts and tell how composed ones are. */
export function addRecipeCommands(program: Command): void {
  addComposingCommands(program);
  addStateCommands(program);
  addCompareCommand(program);
}

/** Adds the commands that send a recipe. */
function addComposingCommands(program: Command): void {
  addSendOptions(
    defineCommand(program, 'compose', {
      description: 'compose a chart by a recipe',
      more: 'Answers once the registry has accepted the recipe as a job. --wait waits for its end, and exits with 6 when it fails.',
      examples: [
        'helm-registry compose team-a -f recipe.yaml --wait',
        'helm-registry compose team-a -f recipe.yaml --dry-run --set replicas=5 -o json',
        'cat recipe.yaml | helm-registry compose team-a -f - --timeout 2m',
      ],
    })
      .argument('<space>', 'space of the new chart')
      .requiredOption('-f, --file <file>', 'recipe in YAML or JSON, or - for standard input'),
  ).action((space, options) =>
    loadAndRun(options, async () => {
      const { compose } = await import('../actions/compose.ts');
      return (session) => compose(session, space, options);
    }),
  );

  addSendOptions(
    defineCommand(program, 'recompose', {
      description: 'compose the recipe of a version again, with its ranges resolved now',
      examples: [
        'helm-registry recompose team-a/shop --next patch --wait',
        'helm-registry recompose team-a/shop:1.0.0 --as 2.0.0 --set replicas=5 --dry-run',
      ],
    })
      .argument('<chart>', 'composed chart, SPACE/CHART or SPACE/CHART:VERSION')
      .addOption(
        new Option('--next <step>', 'step from the highest version').choices([
          'patch',
          'minor',
          'major',
          'prerelease',
        ]),
      )
      .option('--as <version>', 'version to make'),
  ).action((chart, options) =>
    loadAndRun(options, async () => {
      const { recompose } = await import('../actions/recompose.ts');
      return (session) => recompose(session, chart, options);
    }),
  );
}

/** Adds the commands that show how and from what charts were composed. */
function addStateCommands(program: Command): void {
  defineCommand(program, 'outdated', {
    description: 'list composed charts, and whether they are up to date',
    examples: ['helm-registry outdated', 'helm-registry outdated team-a --state all -o json'],
  })
    .argument('[space]', 'only a space')
    .addOption(
      new Option('--state <state>', 'only charts in a state')
        .choices(['outdated', 'newer', 'current', 'all'])
        .default('outdated'),
    )
    .option('--all-versions', 'all versions, not only the highest of each chart')
    .action((space, options) =>
      loadAndRun(options, async () => {
        const { outdated } = await import('../actions/outdated.ts');
        return (session) => outdated(session, space, options);
      }),
    );

  defineCommand(program, 'lineage', {
    description: 'show how a chart was composed',
    examples: ['helm-registry lineage team-a/shop', 'helm-registry lineage team-a/shop:1.0.0 --recipe'],
  })
    .argument('<chart>', 'composed chart, SPACE/CHART or SPACE/CHART:VERSION')
    .option('--recipe', 'show the recipe alone')
    .action((chart, options) =>
      loadAndRun(options, async () => {
        const { lineage } = await import('../actions/lineage.ts');
        return (session) => lineage(session, chart, options);
      }),
    );
}

function addCompareCommand(program: Command): void {
  defineCommand(program, 'compare', {
    description: 'show the differences between two versions',
    examples: [
      'helm-registry compare team-a/web:1.2.0 1.3.0',
      'helm-registry compare team-a/web:1.2.0 team-a/web:1.3.0 --only values -o json',
      'helm-registry compare team-a/web:1.2.0 1.3.0 --diff',
    ],
  })
    .argument('<from>', 'SPACE/CHART:VERSION')
    .argument('<to>', 'other version of that chart, or SPACE/CHART:VERSION')
    .addOption(
      new Option('--only <part>', 'only a part').choices([
        'metadata',
        'dependencies',
        'subcharts',
        'values',
        'files',
      ]),
    )
    .option('--diff', 'write the diffs of files, as `patch` reads them')
    .action((from, to, options) =>
      loadAndRun(options, async () => {
        const { compare } = await import('../actions/compare.ts');
        return (session) => compare(session, from, to, options);
      }),
    );
}

/** Adds the options of commands that send a recipe. */
function addSendOptions(command: Command): Command {
  return command
    .option('--dry-run', 'show what would be made, and store nothing')
    .option('--wait', 'wait for the end of the job, for 5 minutes or --timeout')
    .option('--timeout <time>', 'wait at most this long, such as 30s, 10m or 1h', parseDuration)
    .option('--set <key=value>', 'set a value of the chart, as often as needed', addText, [])
    .option('--set-string <key=value>', 'set a value that is a text whatever it looks like', addText, []);
}

function addText(text: string, texts: readonly string[]): string[] {
  return [...texts, text];
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { defineCommand, loadAndRun, parseCount } from './define-command.ts';

const outcomes = ['stored', 'replaced', 'changed', 'failed', 'skipped', 'gone', 'pruned'];

/** Adds the commands that show mirrors and have them run. */
export function addMirrorCommands(program: Command): void {
  const mirror = program.command('mirror').description('show the mirror of a space, and have it run');

  defineCommand(mirror, 'runs', {
    description: 'list the runs of a mirror, the newest first',
    examples: ['helm-registry mirror runs copies', 'helm-registry mirror runs copies --limit 1 -o json'],
  })
    .argument('<space>', 'space that is a mirror')
    .option('--limit <number>', 'runs at the most', parseCount, 20)
    .action((space, options) =>
      loadAndRun(options, async () => {
        const { listRuns } = await import('../actions/mirror.ts');
        return (session) => listRuns(session, space, options);
      }),
    );

  defineCommand(mirror, 'results', {
    description: 'list what came of each version in a run of a mirror',
    more: 'Versions that are as they were are counted only. Old runs keep their counts alone.',
    examples: [
      'helm-registry mirror results copies',
      'helm-registry mirror results copies --outcome failed -o json',
    ],
  })
    .argument('<space>', 'space that is a mirror')
    .option('--run <number>', 'number of a run; the newest if absent', parseRun)
    .addOption(new Option('--outcome <outcome>', 'only versions with an outcome').choices(outcomes))
    .option('--limit <number>', 'versions at the most', parseCount)
    .action((space, options) =>
      loadAndRun(options, async () => {
        const { listResults } = await import('../actions/mirror.ts');
        return (session) => listResults(session, space, options);
      }),
    );

  defineCommand(mirror, 'run', {
    description: 'have a mirror run now',
    more: 'A worker takes it up. A mirror that runs already goes on.',
    examples: ['helm-registry mirror run copies'],
  })
    .argument('<space>', 'space that is a mirror')
    .action((space, options) =>
      loadAndRun(options, async () => {
        const { requestMirrorRun } = await import('../actions/mirror.ts');
        return (session) => requestMirrorRun(session, space);
      }),
    );
}

function parseRun(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('The number of a run is needed, as `mirror runs` lists it.');
}

import type { Command } from 'commander';
import { defineCommand, loadAndRun } from './define-command.ts';

/** Adds the commands that delete charts, and restore deleted versions. */
export function addDeletionCommands(program: Command): void {
  defineCommand(program, 'delete', {
    description: 'delete versions, charts or spaces',
    more: 'Asks first on a terminal; elsewhere --yes is needed. A chart goes with its last version.',
    examples: [
      'helm-registry delete team-a/web:1.2.0 --yes',
      'helm-registry delete team-a/cache team-b --yes',
    ],
  })
    .argument(
      '<address...>',
      'SPACE/CHART:VERSION, SPACE/CHART with all its versions, or SPACE with all its charts',
    )
    .option('-y, --yes', 'do not ask')
    .action((addresses, options) =>
      loadAndRun(options, async () => {
        const { deleteAll } = await import('../actions/delete.ts');
        return (session) => deleteAll(session, addresses, options);
      }),
    );

  defineCommand(program, 'deleted', {
    description: 'list deleted versions that can be restored',
    examples: ['helm-registry deleted team-a', 'helm-registry deleted team-a/web -o json'],
  })
    .argument('<address>', 'SPACE or SPACE/CHART')
    .action((address, options) =>
      loadAndRun(options, async () => {
        const { listDeleted } = await import('../actions/restore.ts');
        return (session) => listDeleted(session, address);
      }),
    );

  defineCommand(program, 'restore', {
    description: 'restore a deleted version',
    more: 'A version may have been deleted with several archives: `deleted` lists each with its digest.',
    examples: [
      'helm-registry restore team-a/web:1.1.0',
      'helm-registry restore team-a/web:1.0.0 --digest $DIGEST',
    ],
  })
    .argument('<version>', 'SPACE/CHART:VERSION')
    .option('--digest <digest>', 'archive that the version had; that of the last deletion by default')
    .action((version, options) =>
      loadAndRun(options, async () => {
        const { restore } = await import('../actions/restore.ts');
        return (session) => restore(session, version, options);
      }),
    );
}

import { Argument, type Command } from 'commander';
import { shells } from '../completion/scripts.ts';
import { defineCommand, loadAndRun } from './define-command.ts';

/**
 * Adds the command that writes a shell's completion script. The hidden command that those scripts run is added too.
 */
export function addCompletionCommands(program: Command): void {
  defineCommand(program, 'completion', {
    description: 'write the script by which a shell completes commands, options and names',
    more: 'bash: add `source <(helm-registry completion bash)` to ~/.bashrc.\nzsh:  add it likewise to ~/.zshrc, after compinit.\nfish: helm-registry completion fish > ~/.config/fish/completions/helm-registry.fish',
    examples: ['helm-registry completion bash'],
    hasResult: false,
  })
    .addArgument(new Argument('<shell>', 'shell').choices(shells))
    .action(async (shell) => {
      const { scripts } = await import('../completion/scripts.ts');
      const script = shells.find((name) => name === shell);
      if (script) process.stdout.write(scripts[script]);
    });

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) =>
      loadAndRun({}, async () => {
        const [{ completeWords }, { findNames }] = await Promise.all([
          import('../completion/complete-words.ts'),
          import('../completion/find-names.ts'),
        ]);
        return async (session) => {
          const { words: known, names } = completeWords(program, words);
          const word = words.at(-1) ?? '';
          const found = names ? await findNames(session, names, word) : [];
          const fitting = [...known, ...found].filter((name) => name.startsWith(word));
          session.output.text(fitting.map((name) => `${name}\n`).join(''));
        };
      }),
    );
}

import type { Command } from 'commander';
import { defineCommand, loadAndRun, parseCount } from './define-command.ts';

/** Adds the commands of log-ins and contexts. */
export function addSessionCommands(program: Command): void {
  defineCommand(program, 'login', {
    description: 'log in to a registry, and use it from now on',
    more: 'The password or token is read from standard input, or typed on a terminal without being shown. A password is not\nstored: it makes a token, which `logout` revokes. With --browser, and on a terminal without --user and --token-stdin,\nthe command shows an address and a code: a user opens the address, logs in there, by a password or at a provider, and\napproves the code. The command gets a token of that user.\nHELM_REGISTRY_URL and HELM_REGISTRY_TOKEN go before every context; without either, what `helm registry login` or\n`docker login` has stored for the host is used.',
    examples: [
      'helm-registry login http://127.0.0.1:8099',
      'helm-registry login http://127.0.0.1:8098 --browser',
      'helm-registry login http://127.0.0.1:8098 --user ana < password.txt',
      'helm-registry login http://127.0.0.1:8098 --name ci --token-stdin < token.txt',
    ],
    hasResult: false,
  })
    .argument('[url]', 'address of the registry; that of the context in use if absent')
    .option('--browser', 'approve a code in a browser; the default on a terminal')
    .option('--open', 'open the browser too, as BROWSER names it; otherwise nothing is opened')
    .option('-u, --user <name>', 'user whose password is read')
    .option('--password-stdin', 'read the password from standard input, as --user alone does')
    .option('--token-stdin', 'read a token from standard input')
    .option('--name <context>', 'name of the context; host and port of the registry if absent')
    .option('--expires-in <days>', 'days until the token that is made ends', parseCount)
    .action((url, options) =>
      loadAndRun(options, async () => {
        const { login } = await import('../actions/login.ts');
        return (session) => login(session, url, options);
      }),
    );

  defineCommand(program, 'logout', {
    description: 'forget the credentials of a registry, and revoke the token that the log-in has made',
    examples: ['helm-registry logout'],
    hasResult: false,
  })
    .argument('[name]', 'context; the one in use if absent')
    .action((name, options) =>
      loadAndRun(options, async () => {
        const { logout } = await import('../actions/logout.ts');
        return (session) => logout(session, name);
      }),
    );

  defineCommand(program, 'whoami', {
    description: 'show the registry that is used, and who you are there',
    examples: ['helm-registry whoami', 'helm-registry whoami -o json'],
  }).action((options) =>
    loadAndRun(options, async () => {
      const { whoami } = await import('../actions/whoami.ts');
      return whoami;
    }),
  );

  addContextCommands(
    program.command('context').description('show and choose among registries that you logged in to'),
  );
}

function addContextCommands(context: Command): void {
  defineCommand(context, 'list', {
    description: 'list contexts, without their credentials',
    examples: ['helm-registry context list', 'helm-registry context list -o name'],
  }).action((options) =>
    loadAndRun(options, async () => {
      const { listContexts } = await import('../actions/contexts.ts');
      return listContexts;
    }),
  );
  defineCommand(context, 'use', {
    description: 'use a context from now on',
    examples: ['helm-registry context use 127.0.0.1:8099'],
    hasResult: false,
  })
    .argument('<name>', 'context')
    .action((name, options) =>
      loadAndRun(options, async () => {
        const { useContext } = await import('../actions/contexts.ts');
        return (session) => useContext(session, name);
      }),
    );
  defineCommand(context, 'remove', {
    description: 'log out of a context and remove it',
    examples: ['helm-registry context remove 127.0.0.1:8099'],
    hasResult: false,
  })
    .argument('<name>', 'context')
    .action((name, options) =>
      loadAndRun(options, async () => {
        const { removeContext } = await import('../actions/contexts.ts');
        return (session) => removeContext(session, name);
      }),
    );
}

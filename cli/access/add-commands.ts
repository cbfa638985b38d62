import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { registryRoles, spaceRoles, visibilities } from '../../core/access/rights.ts';
import { overwritings } from '../../core/registry/registry.ts';

/** Adds a subcommand with the option that all have. */
type AddCommand = (parent: Command, usage: string, description: string) => Command;

const add: AddCommand = (parent, usage, description) =>
  parent.command(usage).description(description).option('-c, --config <file>', 'YAML file with settings');

const where =
  '\nWorks on the database directly, with all rights, while the registry runs or not; an embedded database in use cannot be opened.';

/** Adds the commands that administer users, service accounts, tokens and members of spaces. */
export function addAccessCommands(program: Command): void {
  addUserCommands(program.command('user').description('administer users').addHelpText('after', where));
  addAccountCommands(
    program.command('account').description('administer service accounts').addHelpText('after', where),
  );
  addTokenCommands(program.command('token').description('administer tokens').addHelpText('after', where));
  addSpaceCommands(
    program.command('space').description('administer spaces and their members').addHelpText('after', where),
  );
}

// Actions are imported when they run, so that --help does not wait for the drivers.
function addUserCommands(user: Command): void {
  add(user, 'add <name>', 'add a local user; the password is read from standard input')
    .option('--admin', 'make it an admin of the registry')
    .addOption(new Option('--role <role>', 'role in the registry').choices(registryRoles).conflicts('admin'))
    .option('--no-password', 'add it without a password, for tokens alone')
    .action(async (name, options) => (await import('./users.ts')).runUserAdd(name, options));
  add(user, 'list', 'list users').action(async (options) =>
    (await import('./users.ts')).runUserList(options),
  );
  add(user, 'password <name>', 'change a password; the new one is read from standard input').action(
    async (name, options) => (await import('./users.ts')).runUserPassword(name, options),
  );
  add(user, 'role', 'give a user a role in the registry, or none')
    .argument('<name>')
    .addArgument(new Argument('<role>').choices([...registryRoles, 'none']))
    .action(async (name, role, options) => (await import('./users.ts')).runUserRole(name, role, options));
  for (const [usage, isDisabled] of [
    ['disable <name>', true],
    ['enable <name>', false],
  ] as const) {
    add(user, usage, isDisabled ? 'refuse a user, with all its tokens' : 'let a user in again').action(
      async (name, options) => (await import('./users.ts')).runUserDisable(name, isDisabled, options),
    );
  }
  add(user, 'delete <name>', 'delete a user with its tokens and roles').action(async (name, options) =>
    (await import('./users.ts')).runUserDelete(name, options),
  );
}

function addAccountCommands(account: Command): void {
  add(account, 'add <account>', 'add a service account: NAME, or SPACE/NAME of a space')
    .option('--role <role>', 'role in its space, or in the registry for one of the registry')
    .action(async (name, options) => (await import('./accounts.ts')).runAccountAdd(name, options));
  add(account, 'list [space]', 'list the service accounts of a space, or of the registry').action(
    async (space, options) => (await import('./accounts.ts')).runAccountList(space, options),
  );
  add(account, 'delete <account>', 'delete a service account with its tokens and trust rules').action(
    async (name, options) => (await import('./accounts.ts')).runAccountDelete(name, options),
  );
}

function addTokenCommands(token: Command): void {
  const days = new Option('--days <days>', 'days until it expires (default: 90)').argParser(parseNumber);
  add(token, 'create <owner>', 'create a token of user:NAME, account:NAME or account:SPACE/NAME')
    .requiredOption('--name <name>', 'name by which people know it')
    .addOption(new Option('--role <role>', 'highest role it has').choices(spaceRoles))
    .option('--space <space...>', 'spaces it is for (default: all)')
    .option('--chart <glob...>', 'charts it is for, such as web-* (default: all)')
    .addOption(days)
    .action(async (owner, options) => (await import('./tokens.ts')).runTokenCreate(owner, options));
  add(token, 'list <owner>', 'list tokens, without their secrets').action(async (owner, options) =>
    (await import('./tokens.ts')).runTokenList(owner, options),
  );
  add(token, 'rotate <id>', 'give a token a new secret')
    .addOption(
      new Option(
        '--overlap-hours <hours>',
        'hours for which the secret before is accepted (default: 24)',
      ).argParser(parseNumber),
    )
    .addOption(days)
    .action(async (id, options) => (await import('./tokens.ts')).runTokenRotate(id, options));
  add(token, 'revoke <id>', 'end a token').action(async (id, options) =>
    (await import('./tokens.ts')).runTokenRevoke(id, options),
  );
}

function addSpaceCommands(space: Command): void {
  const create = add(space, 'create <space>', 'create a space without an owner');
  const set = add(space, 'set <space>', 'change the settings of a space');
  for (const command of [create, set]) {
    command
      .addOption(new Option('--visibility <visibility>', 'readers beside its members').choices(visibilities))
      .addOption(
        new Option('--overwriting <policy>', 'whether versions can be replaced and deleted').choices(
          overwritings,
        ),
      )
      .action(async (name, options) => {
        const { runSpaceCreate, runSpaceSet } = await import('./spaces.ts');
        await (command === create ? runSpaceCreate : runSpaceSet)(name, options);
      });
  }
  for (const quota of ['bytes', 'versions'])
    set.option(
      `--quota-${quota} <number>`,
      `${quota} it may have, none, or default for that of the settings`,
      parseQuota,
    );
  add(space, 'members <space>', 'list the members of a space').action(async (name, options) =>
    (await import('./members.ts')).runSpaceMembers(name, options),
  );
  add(space, 'grant', 'give user:NAME, group:NAME or account:NAME a role in a space')
    .argument('<space>')
    .argument('<principal>')
    .addArgument(new Argument('<role>').choices(spaceRoles))
    .action(async (name, principal, role, options) =>
      (await import('./members.ts')).runSpaceGrant(name, principal, role, options),
    );
  add(space, 'revoke <space> <principal>', 'take the role of a principal in a space away').action(
    async (name, principal, options) =>
      (await import('./members.ts')).runSpaceRevoke(name, principal, options),
  );
}

/** Parses a quota. @returns 0 for none */
function parseQuota(text: string): number | 'default' {
  if (text === 'default') return text;
  if (text === 'none') return 0;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number, none or default is needed.');
}

function parseNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number is needed.');
}

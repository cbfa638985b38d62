import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { registryRoles, spaceRoles, visibilities } from '../../core/access/rights.ts';
import { overwritingPolicies } from '../../core/registry/registry.ts';

/** Adds a subcommand with the option that all have. */
type AddCommand = (parent: Command, usage: string, description: string) => Command;

const addAccessCommand: AddCommand = (parent, usage, description) =>
  parent.command(usage).description(description).option('-c, --config <file>', 'YAML file with settings');

const databaseAccessHelp =
  '\nWorks on the database directly, with all rights, while the registry runs or not; an embedded database in use cannot be opened.';

/** Adds the commands that administer users, service accounts, tokens and members of spaces. */
export function addAccessCommands(program: Command): void {
  addUserAdminCommands(
    program.command('user').description('administer users').addHelpText('after', databaseAccessHelp),
  );
  addAccountCommands(
    program
      .command('account')
      .description('administer service accounts')
      .addHelpText('after', databaseAccessHelp),
  );
  addTokenCommands(
    program.command('token').description('administer tokens').addHelpText('after', databaseAccessHelp),
  );
  addSpaceCommands(
    program
      .command('space')
      .description('administer spaces and their members')
      .addHelpText('after', databaseAccessHelp),
  );
}

// Actions are imported when they run, so that --help does not wait for the drivers.
function addUserAdminCommands(user: Command): void {
  addAccessCommand(user, 'add <name>', 'add a local user; the password is read from standard input')
    .option('--admin', 'make it an admin of the registry')
    .addOption(new Option('--role <role>', 'role in the registry').choices(registryRoles).conflicts('admin'))
    .option('--no-password', 'add it without a password, for tokens alone')
    .action(async (name, options) => (await import('./users.ts')).runUserAdd(name, options));
  addAccessCommand(user, 'list', 'list users').action(async (options) =>
    (await import('./users.ts')).runUserList(options),
  );
  addAccessCommand(
    user,
    'password <name>',
    'change a password; the new one is read from standard input',
  ).action(async (name, options) => (await import('./users.ts')).runUserPassword(name, options));
  addAccessCommand(user, 'role', 'give a user a role in the registry, or none')
    .argument('<name>')
    .addArgument(new Argument('<role>').choices([...registryRoles, 'none']))
    .action(async (name, role, options) => (await import('./users.ts')).runUserRole(name, role, options));
  for (const [usage, isDisabled] of [
    ['disable <name>', true],
    ['enable <name>', false],
  ] as const) {
    addAccessCommand(
      user,
      usage,
      isDisabled ? 'refuse a user, with all its tokens' : 'let a user in again',
    ).action(async (name, options) => (await import('./users.ts')).runUserDisable(name, isDisabled, options));
  }
  addAccessCommand(user, 'delete <name>', 'delete a user with its tokens and roles').action(
    async (name, options) => (await import('./users.ts')).runUserDelete(name, options),
  );
}

function addAccountCommands(account: Command): void {
  addAccessCommand(account, 'add <account>', 'add a service account: NAME, or SPACE/NAME of a space')
    .option('--role <role>', 'role in its space, or in the registry for one of the registry')
    .action(async (name, options) => (await import('./accounts.ts')).runAccountAdd(name, options));
  addAccessCommand(
    account,
    'list [space]',
    'list the service accounts of a space, or of the registry',
  ).action(async (space, options) => (await import('./accounts.ts')).runAccountList(space, options));
  addAccessCommand(
    account,
    'delete <account>',
    'delete a service account with its tokens and trust rules',
  ).action(async (name, options) => (await import('./accounts.ts')).runAccountDelete(name, options));
}

function addTokenCommands(token: Command): void {
  const days = new Option('--days <days>', 'days until it expires (default: 90)').argParser(parseNumber);
  addAccessCommand(token, 'create <owner>', 'create a token of user:NAME, account:NAME or account:SPACE/NAME')
    .requiredOption('--name <name>', 'name by which people know it')
    .addOption(new Option('--role <role>', 'highest role it has').choices(spaceRoles))
    .option('--space <space...>', 'spaces it is for (default: all)')
    .option('--chart <glob...>', 'charts it is for, such as web-* (default: all)')
    .addOption(days)
    .action(async (owner, options) => (await import('./tokens.ts')).runTokenCreate(owner, options));
  addAccessCommand(token, 'list [owner]', 'list tokens of an owner, or of everybody, without their secrets')
    .addOption(
      new Option('--expires-within <days>', 'live ones that expire so soon, the next first').argParser(
        parseNumber,
      ),
    )
    .action(async (owner, options) => (await import('./tokens.ts')).runTokenList(owner, options));
  addAccessCommand(token, 'rotate <id>', 'give a token a new secret')
    .addOption(
      new Option(
        '--overlap-hours <hours>',
        'hours for which the secret before is accepted (default: 24)',
      ).argParser(parseNumber),
    )
    .addOption(days)
    .action(async (id, options) => (await import('./tokens.ts')).runTokenRotate(id, options));
  addAccessCommand(token, 'revoke <id>', 'end a token').action(async (id, options) =>
    (await import('./tokens.ts')).runTokenRevoke(id, options),
  );
}

function addSpaceCommands(space: Command): void {
  const create = addAccessCommand(space, 'create <space>', 'create a space without an owner');
  const set = addAccessCommand(space, 'set <space>', 'change the settings of a space');
  for (const command of [create, set]) {
    command
      .addOption(new Option('--visibility <visibility>', 'readers beside its members').choices(visibilities))
      .addOption(
        new Option('--overwriting <policy>', 'whether versions can be replaced and deleted').choices(
          overwritingPolicies,
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
  addAccessCommand(space, 'members <space>', 'list the members of a space').action(async (name, options) =>
    (await import('./members.ts')).runSpaceMembers(name, options),
  );
  addAccessCommand(space, 'grant', 'give user:NAME, group:NAME or account:NAME a role in a space')
    .argument('<space>')
    .argument('<principal>')
    .addArgument(new Argument('<role>').choices(spaceRoles))
    .action(async (name, principal, role, options) =>
      (await import('./members.ts')).runSpaceGrant(name, principal, role, options),
    );
  addAccessCommand(
    space,
    'revoke <space> <principal>',
    'take the role of a principal in a space away',
  ).action(async (name, principal, options) =>
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

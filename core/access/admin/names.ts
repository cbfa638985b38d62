import { RegistryError } from '../../errors.ts';
import { boundText } from '../../runtime/bound-text.ts';
import { type PrincipalKind, principalKinds } from '../principal.ts';

/** Principal as people name it. */
export interface PrincipalName {
  kind: PrincipalKind;
  name: string;
  /** Space of a space's service account. */
  space?: string | undefined;
}

/** Forms of the names of new principals. Accounts have none that a shell would read. */
const nameRuleByKind: Record<PrincipalKind, { pattern: RegExp; rule: string }> = {
  user: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/,
    rule: 'letters, digits and ._@-, beginning with a letter or digit, at most 100 in all',
  },
  group: {
    pattern: /^[A-Za-z0-9/](?:[A-Za-z0-9 ._@/:-]{0,198}[A-Za-z0-9._@/:-])?$/,
    rule: 'letters, digits, blanks inside and ._@/:-, beginning with a letter, a digit or a slash, at most 200 in all',
  },
  account: {
    pattern: /^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$/,
    rule: 'small letters, digits and - inside, at most 100 in all',
  },
};

const nounByKind: Record<PrincipalKind, string> = {
  user: 'user',
  group: 'group',
  account: 'service account',
};

/** Checks the name of a new principal. @throws {RegistryError} `name.invalid` */
export function checkPrincipalName({ kind, name }: PrincipalName): void {
  const { pattern, rule } = nameRuleByKind[kind];
  if (pattern.test(name)) return;
  throw new RegistryError(
    'name.invalid',
    `${JSON.stringify(boundText(name, 60))} is not a valid name of a ${nounByKind[kind]}: use ${rule}.`,
    { pointer: '/name' },
  );
}

/** Writes a principal as lists and paths name it: `user:alice`, `group:team/a`, `account:ci`, `account:lib/ci`. */
export function writePrincipalName({ kind, name, space }: PrincipalName): string {
  return `${kind}:${space === undefined ? '' : `${space}/`}${name}`;
}

/** SQL that writes a principal as `writePrincipalName` does. @param p alias of `principals` @param s alias of its space */
export function principalNameSql(p: string, s: string): string {
  return `${p}.kind || ':' || coalesce(${s}.name || '/', '') || ${p}.name`;
}

/** Reads the name of a principal as `writePrincipalName` writes it. @throws {RegistryError} `name.invalid` */
export function parsePrincipalName(text: string): PrincipalName {
  const [, prefix = '', rest = ''] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  const kind = principalKinds.find((known) => known === prefix);
  if (!kind) {
    throw new RegistryError(
      'name.invalid',
      `${JSON.stringify(boundText(text, 60))} names no principal: write user:NAME, group:NAME, account:NAME or account:SPACE/NAME.`,
    );
  }
  const [, space, name = rest] = (kind === 'account' && /^([^/]*)\/(.*)$/s.exec(rest)) || [];
  return { kind, name, ...(space === undefined ? {} : { space }) };
}

/** Makes the error for a principal that does not exist. */
export function principalNotFound(principal: PrincipalName): RegistryError {
  const { kind, name, space } = principal;
  const place = space === undefined ? '' : ` in space ${boundText(space, 60)}`;
  return new RegistryError(
    'principal.notFound',
    `There is no ${nounByKind[kind]} ${boundText(name, 60)}${place}.`,
  );
}

/** Makes the error for a principal whose name is taken. */
export function principalExists({ kind, name }: PrincipalName): RegistryError {
  return new RegistryError(
    'principal.exists',
    `The ${nounByKind[kind]} ${name} exists already. Choose another name, or change it.`,
  );
}

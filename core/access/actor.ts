import { RegistryError } from '../errors.ts';
import type { Access } from './access.ts';
import {
  absentSpace,
  may,
  mayInRegistry,
  noGrants,
  type ReadScope,
  readScope,
  type Subject,
} from './decide.ts';
import { type Caller, openCaller, scopesOf, systemCaller } from './principal.ts';
import { markRefusal } from './refusals.ts';
import { actionsFor, allowsRight, writeScope } from './registry-scopes.ts';
import { type RegistryRight, registryRights, type SpaceRight, spaceRights } from './rights.ts';

/** Place that a right is asked for. */
export interface Where {
  space: string;
  /** Name of a chart, or `someChart`; absent for what concerns the space as a whole. */
  chart?: string | undefined;
}

/** Facts of the request by which somebody acts, for the audit. */
export interface RequestFacts {
  /** Interface that the request came by. */
  door: 'api' | 'repository' | 'chartmuseum' | 'oci' | 'cli' | 'worker';
  requestId?: string;
  address?: string;
  agent?: string;
}

/** Actor of a use case. Each question reads the rights anew. */
export interface Actor {
  request: RequestFacts;
  /** Whether rights are checked at all. */
  guarded: boolean;
  /** Tells who acts. @throws {RegistryError} `access.unauthenticated` for wrong credentials */
  caller(): Promise<Caller>;
  /**
   * Checks a right in a space.
   * @returns id of the space that it was checked in, since another one may have the name when it is written to;
   *   undefined for a space that does not exist, and where nothing is checked
   * @throws {RegistryError} `access.unauthenticated` for anonymous callers and wrong credentials; `space.notFound` for a
   *   read where the caller may not know that the space exists; `access.denied`; `access.insufficientScope` where the
   *   caller has the right, but its registry token does not name it
   */
  require(right: SpaceRight, where: Where): Promise<number | undefined>;
  /** Checks a right in the registry. @throws {RegistryError} `access.unauthenticated`, `access.denied` */
  requireInRegistry(right: RegistryRight): Promise<void>;
  /** Whether the actor has a right in a space; false for a space that does not exist, unless it has it in all. */
  may(right: SpaceRight, where: Where): Promise<boolean>;
  /** Whether the actor has a right in the registry. */
  mayInRegistry(right: RegistryRight): Promise<boolean>;
  /** Returns the bounds of what the actor may read, for queries over many spaces. */
  scope(): Promise<ReadScope>;
  /** Returns the caller with its rights and the bounds of its credential, as they are now. */
  subject(): Promise<Subject>;
}

/**
 * Creates the actor of a request.
 * @param identify tells who sent it; called once, when the first right is asked for
 */
export function createActor(access: Access, identify: () => Promise<Caller>, request: RequestFacts): Actor {
  let identified: Promise<Caller> | undefined;
  const caller = () => {
    identified ??= identify();
    return identified;
  };
  const subjectOf = async () => (await access.read(await caller())).subject;
  const decide = async (right: SpaceRight, where: Where) => {
    const { subject, space } = await access.read(await caller(), where.space);
    const allowed =
      may(subject, right, space ?? absentSpace, where.chart) ||
      // An upload may create the space; the use case reports where it may not.
      (!space && right === 'chart.publish' && mayInRegistry(subject, 'space.create'));
    return { subject, space, allowed, isInScope: allowsRight(scopesOf(subject.caller), right, where) };
  };
  return {
    request,
    guarded: access.guarded,
    caller,
    async require(right, where) {
      const { subject, space, allowed, isInScope } = await decide(right, where);
      if (allowed && isInScope) return space?.id;
      if (allowed) throw refuseScope(right, where);
      const isReadable = space !== undefined && may(subject, 'chart.read', space, where.chart);
      if (subject.caller.kind === 'anonymous')
        throw logInFirst(subject.caller.scopes && scopeFor(right, where));
      throw markRefusal(refuse(subject, right, where.space, isReadable), { right, ...where });
    },
    async requireInRegistry(right) {
      const subject = await subjectOf();
      if (mayInRegistry(subject, right)) return;
      if (subject.caller.kind === 'anonymous') throw logInFirst();
      const roles = registryRights[right].join(' and ');
      const refusal = new RegistryError(
        'access.denied',
        `This needs the right ${right}, which the registry's ${roles} have with credentials that are not narrowed.`,
        { right },
      );
      throw markRefusal(refusal, { right });
    },
    async may(right, where) {
      const { allowed, isInScope } = await decide(right, where);
      return allowed && isInScope;
    },
    mayInRegistry: async (right) => mayInRegistry(await subjectOf(), right),
    scope: async () => readScope(await subjectOf()),
    subject: subjectOf,
  };
}

/** Makes the refusal of a right, which tells strangers nothing about what exists. */
function refuse({ caller }: Subject, right: SpaceRight, space: string, isReadable: boolean): RegistryError {
  if (isReadable) {
    const narrowed =
      caller.kind === 'principal' && caller.narrowing ? ', also after the bounds of the token' : '';
    return new RegistryError(
      'access.denied',
      `This needs the right ${right} in space ${space}: the role ${spaceRights[right]}${narrowed}. An owner of the space can give it.`,
      { right },
    );
  }
  if (right === 'chart.read' || right === 'job.read')
    return new RegistryError('space.notFound', `There is no space ${space}.`);
  return new RegistryError(
    'access.denied',
    `You may not do this in space ${space}, or it does not exist. Ask an owner of the space, or an admin.`,
    { right },
  );
}

/** Makes the refusal of a registry token that was issued for something else: the client asks for another one. */
function refuseScope(right: SpaceRight, where: Where): RegistryError {
  const scope = scopeFor(right, where);
  return new RegistryError(
    'access.insufficientScope',
    `The registry token does not allow this. Ask for a new one with the scope ${scope}.`,
    { scope },
  );
}

function scopeFor(right: SpaceRight, { space, chart }: Where): string {
  return writeScope(`${space}/${chart}`, actionsFor(right));
}

/**
 * Makes the refusal of a caller without credentials.
 * @param scope scope that its anonymous registry token does not have, if it sent one
 */
export function logInFirst(scope?: string): RegistryError {
  const message = 'Log in to do this: send a token, or a user name and password.';
  return scope === undefined
    ? new RegistryError('access.unauthenticated', message)
    : new RegistryError('access.insufficientScope', message, { scope });
}

/** Creates an actor to whom nothing is forbidden. */
function createFreeActor(caller: Caller, request: RequestFacts): Actor {
  return {
    request,
    guarded: false,
    caller: async () => caller,
    require: async () => undefined,
    requireInRegistry: async () => undefined,
    may: async () => true,
    mayInRegistry: async () => true,
    scope: async () => readScope({ caller, grants: noGrants }),
    subject: async () => ({ caller, grants: noGrants }),
  };
}

/** Creates the actor of a request to a registry with open access. */
export function createOpenActor(request: RequestFacts): Actor {
  return createFreeActor(openCaller, request);
}

/** Creates the actor of work that the registry does by itself, or that its operator does on its machine. */
export function createSystemActor(request: RequestFacts): Actor {
  return createFreeActor(systemCaller, request);
}

/** The registry itself, in work that nobody asked for. */
export const systemActor: Actor = createSystemActor({ door: 'worker' });

import type { Queryable } from '../db/port.ts';
import type { AccessState, SpaceAccess } from '../read-cache/space-state.ts';
import type { Access } from './access.ts';
import { computeReadScope, mayInRegistry, noGrants, type ReadScope, type Subject } from './decide.ts';
import { hasKnownRight, type KnownRights, readKnownRights, readSubjectIn } from './known-rights.ts';
import { type Caller, openCaller, scopesOfCaller, systemCaller } from './principal.ts';
import { deniedInRegistry, deniedInSpace, scopeDenied } from './refusals.ts';
import { allowsRight } from './registry-scopes.ts';
import { type RegistryRight, type SpaceRight, someChartPlaceholder } from './rights.ts';

/** Place that a right is asked for. */
export interface RightPlace {
  space: string;
  /** Name of a chart, or `someChartPlaceholder`; absent for what concerns the space as a whole. */
  chart?: string | undefined;
  /** Id that the space must have: one that was deleted and made again is another space. */
  spaceId?: number | undefined;
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
  /** Whether changes are recorded in the audit: where access is guarded, and those of operators' commands always. */
  audited: boolean;
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
  require(right: SpaceRight, where: RightPlace): Promise<number | undefined>;
  /**
   * Checks a right in a transaction that writes, after it has waited for its locks. It reads by that transaction alone.
   * @throws {RegistryError} as `require`
   */
  confirm(tx: Queryable, right: SpaceRight, where: RightPlace): Promise<void>;
  /** Checks a right in the registry. @throws {RegistryError} `access.unauthenticated`, `access.denied` */
  requireInRegistry(right: RegistryRight): Promise<void>;
  /**
   * Checks a right in the registry in a transaction that writes. Use it as `confirm`, after the locks.
   * @throws {RegistryError} as `requireInRegistry`
   */
  confirmInRegistry(tx: Queryable, right: RegistryRight): Promise<void>;
  /** Whether the actor has a right in a space; false for a space that does not exist, unless it has it in all. */
  may(right: SpaceRight, where: RightPlace): Promise<boolean>;
  /** Whether the actor has a right in the registry. */
  mayInRegistry(right: RegistryRight): Promise<boolean>;
  /** Returns the bounds of what the actor may read, for queries over many spaces. */
  scope(): Promise<ReadScope>;
  /** Returns the caller with its rights and the bounds of its credential, as they are now. */
  subject(): Promise<Subject>;
  /** Reads the caller and its rights by a transaction alone. @throws {RegistryError} `access.unauthenticated` for a credential that has ended */
  subjectIn(tx: Queryable): Promise<Subject>;
  /** Reads a space as access control sees it; always undefined where nothing is checked. */
  findSpace(space: string): Promise<SpaceAccess | undefined>;
}

/** Reads the revision of access for a request. */
export type ReadRevision = () => Promise<string>;

/** Facts of a request that is not routed yet: its sender and its space. Both are as they were after it came. */
export interface PreRoutingFacts {
  caller: Promise<Caller>;
  space: string;
  state: Promise<AccessState>;
}

/**
 * Creates the actor of a request.
 * @param identify tells who sent it; called once, when the first right is asked for
 * @param firstLook answers the first question about its space, which is then not read again
 */
export function createActor(
  access: Access,
  identify: (readRevision: ReadRevision) => Promise<Caller>,
  request: RequestFacts,
  firstLook?: PreRoutingFacts,
): Actor {
  let seen = firstLook;
  const readState = (space?: string) => {
    if (seen === undefined || seen.space !== space) return access.readState(space);
    const { state } = seen;
    seen = undefined;
    return state;
  };
  let identified: Promise<Caller> | undefined;
  const identifyAt = (state: () => Promise<AccessState>) => {
    identified ??= identify(async () => (await state()).revision);
    return identified;
  };
  const caller = () => identifyAt(() => access.readState());
  const read = async (name?: string) => {
    // The state that the decision needs serves the identification too: both count from the start of the request.
    const reading = readState(name);
    const [{ revision, space }, who] = await Promise.all([reading, identifyAt(() => reading)]);
    return { subject: await access.readSubject(who, revision), space };
  };
  const subjectOf = async () => (await read()).subject;
  const subjectIn = async (tx: Queryable) => readSubjectIn(tx, await caller());
  const checkInRegistry = (right: RegistryRight, subject: Subject) => {
    if (!mayInRegistry(subject, right)) throw deniedInRegistry(subject, right);
  };
  const readFor = (where: RightPlace) => read(where.space);
  const check = (right: SpaceRight, where: RightPlace, known: KnownRights) => {
    const isAllowed = hasKnownRight(right, where, known);
    const isInScope = allowsRight(scopesOfCaller(known.subject.caller), right, where);
    if (isAllowed && isInScope) return;
    if (isAllowed) throw scopeDenied(right, where);
    // A token for some charts reads a part of the space, and may know that the space exists.
    const { chart = someChartPlaceholder } = where;
    const isReadable = known.space !== undefined && hasKnownRight('chart.read', { ...where, chart }, known);
    throw deniedInSpace(known.subject, right, where, isReadable);
  };
  return {
    request,
    guarded: access.guarded,
    audited: access.guarded,
    caller,
    async require(right, where) {
      const known = await readFor(where);
      check(right, where, known);
      return known.space?.id;
    },
    confirm: async (tx, right, where) =>
      check(right, where, await readKnownRights(tx, await caller(), where.space)),
    requireInRegistry: async (right) => checkInRegistry(right, await subjectOf()),
    confirmInRegistry: async (tx, right) => checkInRegistry(right, await subjectIn(tx)),
    async may(right, where) {
      const known = await readFor(where);
      return (
        hasKnownRight(right, where, known) && allowsRight(scopesOfCaller(known.subject.caller), right, where)
      );
    },
    mayInRegistry: async (right) => mayInRegistry(await subjectOf(), right),
    scope: async () => computeReadScope(await subjectOf()),
    subject: subjectOf,
    subjectIn,
    findSpace: async (space) => (await read(space)).space,
  };
}

/** Creates an actor to whom nothing is forbidden. */
function createUnrestrictedActor(caller: Caller, request: RequestFacts, audited = false): Actor {
  return {
    request,
    guarded: false,
    audited,
    caller: async () => caller,
    require: async () => undefined,
    confirm: async () => undefined,
    requireInRegistry: async () => undefined,
    confirmInRegistry: async () => undefined,
    may: async () => true,
    mayInRegistry: async () => true,
    scope: async () => computeReadScope({ caller, grants: noGrants }),
    subject: async () => ({ caller, grants: noGrants }),
    subjectIn: async () => ({ caller, grants: noGrants }),
    findSpace: async () => undefined,
  };
}

/** Creates the actor of a request to a registry with open access. */
export function createOpenActor(request: RequestFacts): Actor {
  return createUnrestrictedActor(openCaller, request);
}

/** Creates the actor of the registry's own work. */
export function createSystemActor(request: RequestFacts): Actor {
  return createUnrestrictedActor(systemCaller, request);
}

/**
 * Creates the actor of an operator on the registry's machine, who may do everything. The audit has all that it changes,
 * also where access is open: commands prepare the registry for the day on which it is guarded.
 * @param agent names the command, such as `helm-registry user add`
 */
export function createOperatorActor(agent: string): Actor {
  return createUnrestrictedActor(systemCaller, { door: 'cli', agent }, true);
}

/** The registry itself, in work that nobody asked for. */
export const systemActor: Actor = createSystemActor({ door: 'worker' });

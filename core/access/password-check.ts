import type { Queryable } from '../db/port.ts';
import type { Log } from '../runtime/log.ts';
import { shareCalls } from '../runtime/share-calls.ts';
import { createHashTurns, type HashLane, type HashTurns } from './hash-turns.ts';
import { createKnownNetworkFinder, recordKnownNetwork } from './known-networks.ts';
import type { LoginLimits } from './login-limits.ts';
import { createPace, type Pace } from './pace.ts';
import { createPasswordUserFinder, type PasswordUser, replacePasswordHash } from './password-users.ts';
import { hashPassword, isOutdatedHash, isPasswordSized, verifyPassword } from './passwords.ts';
import type { Principal } from './principal.ts';
import { proofOfPassword } from './proofs.ts';
import { createRememberedPasswords, type VerifiedUser } from './remembered-passwords.ts';

/** Circumstances of a password. */
export interface PasswordContext {
  /** Revision of access, as it was read for the request. */
  revision: string;
  /** Network of the client, as `networkOf` names it. */
  network: string;
}

/** Result of a check. A wrong password during a delay has the seconds to its end: the answer is 429. */
export type CheckedPassword =
  | { kind: 'verified'; principal: Principal; proof: string }
  | { kind: 'wrong'; retryAfterSeconds?: number };

/**
 * Checks a password of a user. All wrong ones look alike, also in the work that is done: an unknown user, a disabled one,
 * one without a password. Right ones are verified during a delay too; they wait behind others then.
 * @throws {RegistryError} `service.busy` for a password that was not compared, since too many wait
 */
export type CheckPassword = (
  name: string,
  password: string,
  context: PasswordContext,
) => Promise<CheckedPassword>;

/** Parts of the check of passwords. */
export interface PasswordCheckOptions {
  limits: LoginLimits;
  log: Log;
  /** Turns of all that hashes passwords in this process. */
  turns?: HashTurns;
  /** Pace of comparisons during a delay, by user name and network. */
  pace?: Pace;
  /** Comparison with a stored hash. */
  verify?: typeof verifyPassword;
}

/** Creates the check of passwords of a process. */
export function createPasswordCheck(
  db: Queryable,
  {
    limits,
    log,
    turns = createHashTurns(),
    pace = createPace(),
    verify = verifyPassword,
  }: PasswordCheckOptions,
): CheckPassword {
  const remembered = createRememberedPasswords();
  const findUser = createPasswordUserFinder(db);
  const isKnownNetwork = createKnownNetworkFinder(db);
  const share = shareCalls<string, VerifiedUser | undefined>();

  /** Compares a pair that is not remembered; simultaneous callers of one pair share the work. */
  async function compare(
    pair: string,
    user: PasswordUser | undefined,
    attempt: PasswordAttempt,
  ): Promise<VerifiedUser | undefined> {
    const { name, password, revision, network, isDelayed } = attempt;
    if (!isPasswordSized(password) || remembered.isWrong(pair, user?.stored)) return undefined;
    return share(`${pair} ${user?.stored ?? ''}`, async () => {
      const line = remembered.digest(name, network);
      if (isDelayed) await pace(line);
      const lane = isDelayed ? await chooseDelayedLane(line, user, network) : 'calm';
      const isRight = await turns.run(network, lane, () => verify(user?.stored, password));
      if (!isRight || !user) {
        remembered.addWrong(pair, user?.stored);
        return undefined;
      }
      const stored = isOutdatedHash(user.stored) ? await renewHash(user, attempt) : user.stored;
      const verified = { principal: toPrincipal(user), stored, proof: proofOfPassword(user), revision };
      remembered.addVerified(pair, verified);
      if (!remembered.isKnown(line)) await keepKnown(line, user, network);
      return verified;
    });
  }

  /** Chooses the lane during a delay. A user who is not remembered here may have logged in at another process. */
  async function chooseDelayedLane(
    line: string,
    user: PasswordUser | undefined,
    network: string,
  ): Promise<HashLane> {
    if (remembered.isKnown(line)) return 'known';
    return (await isKnownNetwork(network, { principalId: user?.id, network })) ? 'known' : 'slow';
  }

  /** Remembers that a user has logged in from a network. A log-in does not fail with that. */
  async function keepKnown(line: string, { id, name: user }: PasswordUser, network: string): Promise<void> {
    remembered.addKnown(line);
    await recordKnownNetwork(db, { id, network }).catch((error: unknown) =>
      log.warn({ error, user }, 'the network of a log-in could not be recorded'),
    );
  }

  /** Stores a hash at the present cost. @returns the hash that is stored then */
  async function renewHash(user: PasswordUser, { password, network }: PasswordAttempt): Promise<string> {
    try {
      const renewed = await turns.run(network, 'calm', () => hashPassword(password));
      return await replacePasswordHash(db, user, renewed);
    } catch (error) {
      log.warn({ error, user: user.name }, 'a password could not be hashed anew, a later log-in tries again');
      return user.stored;
    }
  }

  return async (name, password, { revision, network }) => {
    const pair = remembered.digest(name, password);
    const fresh = remembered.findVerified(pair);
    if (fresh?.revision === revision) return toVerifiedPassword(fresh);
    const [found, delay] = await Promise.all([findUser(network, name), limits.readDelay({ network, name })]);
    // Looked up now: a comparison may have ended meanwhile, and have renewed the hash that was found before it.
    const known = remembered.findVerified(pair);
    const isOlder = known !== undefined && known.stored !== found?.stored;
    const user = isOlder ? await findUser(network, name) : found;
    if (known && known.stored === user?.stored) {
      const moved = { ...known, revision };
      remembered.addVerified(pair, moved);
      return toVerifiedPassword(moved);
    }
    const isDelayed = delay.seconds > 0;
    const verified = await compare(pair, user, { name, password, revision, network, isDelayed });
    if (verified) return toVerifiedPassword(verified);
    const seconds = await limits.countFailure({ network, name }, delay);
    return { kind: 'wrong', ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
  };
}

interface PasswordAttempt extends PasswordContext {
  name: string;
  password: string;
  /** Whether a delay holds for the account or the network. */
  isDelayed: boolean;
}

function toPrincipal({ id, name }: PasswordUser): Principal {
  return { id, kind: 'user', name };
}

function toVerifiedPassword({ principal, proof }: VerifiedUser): CheckedPassword {
  return { kind: 'verified', principal, proof };
}

import { RegistryError } from '../errors.ts';
import { explainExceeded } from '../runtime/threads/explain-exceeded.ts';
import type { ThreadPool } from '../runtime/threads/pool.ts';
import type { ChartAnswer, ChartRequest } from './messages.ts';

/** Calls a thread for charts. @throws {RegistryError} the fault that it answers; `service.busy` */
export type ChartThreadCaller = <Kind extends ChartRequest['kind']>(
  kind: Kind,
  owner: string,
  load: () => ChartRequest | Promise<ChartRequest>,
  isBounded?: boolean,
) => Promise<Extract<ChartAnswer, { kind: Kind }>>;

/** Creates the function that calls the threads of a pool. A call that takes too long is `service.busy`. */
export function createChartThreadCaller(pool: ThreadPool<ChartRequest, ChartAnswer>): ChartThreadCaller {
  return async (kind, owner, load, isBounded = true) => {
    const answer = await pool.call(owner, load, isBounded).catch((error: unknown) => {
      throw explainExceeded(error);
    });
    if (isAnswerOfKind(answer, kind)) return answer;
    if (answer.kind === 'fault') throw new RegistryError(answer.code, answer.message, answer.details);
    throw new Error(`a thread answered ${answer.kind} to ${kind}`);
  };
}

function isAnswerOfKind<Kind extends ChartAnswer['kind']>(
  answer: ChartAnswer,
  kind: Kind,
): answer is Extract<ChartAnswer, { kind: Kind }> {
  return answer.kind === kind;
}

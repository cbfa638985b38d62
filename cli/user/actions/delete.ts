import type { Client } from '../../../client/src/index.ts';
import { summarize } from '../archives/summarize.ts';
import { usageError } from '../command-error.ts';
import type { View } from '../display/view.ts';
import type { ExitCode } from '../exit-codes.ts';
import { explainError } from '../explain-error.ts';
import { isExactVersion } from '../find-version.ts';
import { type Address, formatAddress, parseAddress } from '../parse-address.ts';
import { confirm } from '../session/confirm.ts';
import type { Session } from '../session/session.ts';

/** Options of `helm-registry delete`. */
export interface DeleteOptions {
  yes?: boolean;
}

/** Outcome of one deletion. */
interface Outcome {
  address: string;
  result: 'deleted' | 'failed';
  error?: string;
  exitCode?: ExitCode;
}

const deletionView: View<Outcome> = {
  columns: [
    { title: 'RESULT', value: ({ result }) => result },
    { title: 'ADDRESS', value: ({ address }) => address },
    { title: 'ERROR', value: ({ error }) => error },
  ],
  name: ({ address }) => address,
};

/** Runs `helm-registry delete`: versions, charts with all their versions, or spaces with all their charts. */
export async function deleteAll(
  session: Session,
  texts: readonly string[],
  { yes = false }: DeleteOptions,
): Promise<void> {
  const addresses = texts.map(parseAddressWithoutRange);
  const client = await session.connect();
  if (!yes) await confirm(`Delete ${addresses.map(describe).join(', ')}?`);
  const outcomes: Outcome[] = [];
  for (const address of addresses) {
    const name = formatAddress(address);
    try {
      await deleteOne(client, address, session.signal);
      outcomes.push({ address: name, result: 'deleted' });
    } catch (error) {
      const explained = explainError(error);
      if (session.signal.aborted || !explained) throw error;
      outcomes.push({
        address: name,
        result: 'failed',
        error: explained.message,
        exitCode: explained.exitCode,
      });
    }
  }
  await session.output.list(deletionView, outcomes);
  summarize(session, 'deletion', outcomes);
}

function parseAddressWithoutRange(text: string): Address {
  const address = parseAddress(text);
  // A range that meets more than its author thinks of cannot be taken back.
  if (address.version === undefined || isExactVersion(address.version)) return address;
  throw usageError(`${text} is a range: name each version that is to be deleted`);
}

async function deleteOne(
  client: Client,
  { space, chart, version }: Address,
  signal: AbortSignal,
): Promise<void> {
  const place = client.space(space);
  if (chart === undefined) return place.delete({ signal });
  if (version === undefined) return place.chart(chart).delete({ signal });
  return place.chart(chart).version(version).delete({ signal });
}

function describe(address: Address): string {
  const name = formatAddress(address);
  if (address.chart === undefined) return `the space ${name} with all its charts`;
  return address.version === undefined ? `${name} with all its versions` : name;
}

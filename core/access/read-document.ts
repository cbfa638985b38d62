import { Agent, request } from 'undici';
import { createDeadline } from '../runtime/deadline.ts';
import { createConnector, resolveBySystem } from '../webhooks/connect.ts';
import { createGuard } from '../webhooks/guard.ts';
import { isFetchableUrl } from './issuer-url.ts';

/** Reads a JSON document of a foreign server. @throws Error when it cannot be read or is none */
export type ReadDocument = (address: string) => Promise<unknown>;

/** Milliseconds for all of a read: name lookup, connection and the complete body. */
const timeoutMs = 5_000;
/** Bytes of the largest document that is read. */
const maxDocumentBytes = 256 * 1024;

/**
 * Creates the reader of documents whose addresses owners of spaces choose. It connects to the addresses that webhooks
 * may be sent to, on a connection of its own, and follows no redirect.
 * @param allow ranges that may be called although they are not public, as `address/bits`
 */
export function createDocumentReader(allow: readonly string[]): ReadDocument {
  const connect = createConnector(createGuard(allow), timeoutMs, resolveBySystem);
  return async (address) => {
    if (!isFetchableUrl(address)) throw new Error('The address is not an https address.');
    const deadline = createDeadline(timeoutMs, []);
    const agent = new Agent({ connect });
    // undici ignores a request's signal until there is a connection, so destroy the agent.
    const destroyAgent = () => agent.destroy(deadline.signal.reason);
    deadline.signal.addEventListener('abort', destroyAgent, { once: true });
    try {
      return JSON.parse(await readText(agent, address, deadline.signal));
    } finally {
      deadline.signal.removeEventListener('abort', destroyAgent);
      deadline.dispose();
      // Not awaited: a connection in progress ends in its own time, without effect.
      void agent.destroy();
    }
  };
}

async function readText(dispatcher: Agent, address: string, signal: AbortSignal): Promise<string> {
  const { statusCode, body } = await request(address, {
    dispatcher,
    headers: { 'user-agent': 'helm-registry', accept: 'application/json' },
    signal,
    reset: true,
  });
  if (statusCode !== 200) throw new Error(`${address} answered ${statusCode}.`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxDocumentBytes)
      throw new Error(`${address} answered more than ${maxDocumentBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

import type { Duplex } from 'node:stream';

/**
 * Ends a connection to PostgreSQL whose data cannot be parsed. So only queries of this connection fail. node-postgres
 * parses in the socket's `data` listener. There an error, such as a value longer than V8's longest string, would end
 * the whole process.
 * @param stream open connection with its listeners
 */
export function destroyOnParseError(stream: Duplex): void {
  const listeners = stream.listeners('data');
  stream.removeAllListeners('data');
  stream.on('data', (chunk: unknown) => {
    try {
      for (const listener of listeners) Reflect.apply(listener, stream, [chunk]);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

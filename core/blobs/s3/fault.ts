import type { Dispatcher } from 'undici';

/** Bytes of an answer that are read to learn what is wrong. */
const maxBody = 64 * 1024;

/** What an object store said instead of doing it. */
export class S3Fault extends Error {
  override name = 'S3Fault';
  /** S3's own word, `NoSuchKey`; `HTTP 404` where there was none, as to every HEAD. */
  readonly code: string;
  /** The status of the answer. */
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Makes an error of an answer that is none; what is left of the answer is dropped. */
export async function readFault(what: string, response: Dispatcher.ResponseData): Promise<S3Fault> {
  const { statusCode } = response;
  const text = await readSome(response.body);
  const code = /<Code>([\w.-]+)<\/Code>/.exec(text)?.[1] ?? `HTTP ${statusCode}`;
  const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? '';
  return new S3Fault(code, statusCode, `the object store answers ${what} with ${code}: ${message}`);
}

async function readSome(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxBody) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

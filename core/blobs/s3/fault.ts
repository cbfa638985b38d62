import type { Dispatcher } from 'undici';

/** Bytes of an error response that are read. */
const maxErrorBodyBytes = 64 * 1024;

/** Error response of an object store. */
export class S3Fault extends Error {
  override name = 'S3Fault';
  /** S3's code, such as `NoSuchKey`; `HTTP 404` where the response has none, as for every HEAD. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Makes an error of an error response; the rest of its body is dropped. */
export async function readFault(request: string, response: Dispatcher.ResponseData): Promise<S3Fault> {
  const { statusCode } = response;
  const text = await readBodyStart(response.body);
  const code = /<Code>([\w.-]+)<\/Code>/.exec(text)?.[1] ?? `HTTP ${statusCode}`;
  const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? '';
  return new S3Fault(code, statusCode, `the object store answers ${request} with ${code}: ${message}`);
}

async function readBodyStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxErrorBodyBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

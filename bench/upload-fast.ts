import { Agent, request } from 'node:http';

/** Client that uploads on open connections with little work of its own. */
export interface FastUploader {
  /** Uploads an archive. @throws unless the status is 201 */
  upload(space: string, archive: Buffer): Promise<void>;
  close(): void;
}

/** Creates a client for one registry. */
export function createFastUploader(url: string): FastUploader {
  const agent = new Agent({ keepAlive: true });
  const boundary = 'part-of-a-benchmark';
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="chartfile"; filename="c.tgz"\r\nContent-Type: application/gzip\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    upload: (space, archive) =>
      new Promise((resolve, reject) => {
        const body = Buffer.concat([head, archive, tail]);
        const headers = {
          'Content-Type': `multipart/form-data; boundary=${boundary}`,
          'Content-Length': body.length,
        };
        const path = `${url}/api/v1/spaces/${space}/charts`;
        const sending = request(path, { method: 'POST', agent, headers }, (response) => {
          response.resume();
          response.on('end', () => {
            if (response.statusCode === 201) resolve();
            else reject(new Error(`an upload was answered ${response.statusCode}`));
          });
        });
        sending.on('error', reject);
        sending.end(body);
      }),
    close: () => agent.destroy(),
  };
}

import type { TestClient } from './client.ts';

/** Upload whose last bytes are sent when the test says so. */
export interface SlowUpload {
  answer: Promise<Response>;
  /** Sends the rest. */
  finish(): void;
}

/** Bytes that are sent last. */
const lastBytes = 1_000;

/** Begins an upload and holds its last bytes back. */
export async function beginSlowUpload(
  client: TestClient,
  { method, path, body }: { method: string; path: string; body: RequestInit['body'] },
): Promise<SlowUpload> {
  const whole = new Response(body);
  const type = whole.headers.get('content-type') ?? 'application/octet-stream';
  const bytes = new Uint8Array(await whole.arrayBuffer());
  let finish: () => void = () => undefined;
  const slow = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.subarray(0, -lastBytes));
      finish = () => {
        controller.enqueue(bytes.subarray(-lastBytes));
        controller.close();
      };
    },
  });
  const headers = { 'Content-Type': type };
  const answer = client.request(path, { method, headers, body: slow, duplex: 'half' });
  return { answer, finish: () => finish() };
}

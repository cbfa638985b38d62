import { createUploadForm } from '@helm-registry/client';
import type { RequestProblem } from '../../api/problem.ts';
import { registry } from '../../api/registry.ts';

/** Version that an archive became. */
export interface UploadedVersion {
  space: string;
  chart: string;
  version: string;
}

/** End of an upload. */
export type UploadOutcome = { result: UploadedVersion } | { problem: RequestProblem };

/**
 * Uploads an archive. XMLHttpRequest, since `fetch` does not tell how much was sent.
 * @param onSent gets the bytes that were sent so far
 */
export function sendArchive(
  space: string,
  file: File,
  onSent: (bytes: number) => void,
): Promise<UploadOutcome> {
  return new Promise((resolve) => {
    const sending = new XMLHttpRequest();
    sending.open('POST', registry.space(space).uploadUrl);
    sending.responseType = 'json';
    // The form is a little longer than the file.
    sending.upload.onprogress = ({ loaded, total }) =>
      onSent(Math.round(file.size * (total === 0 ? 0 : loaded / total)));
    sending.onload = () => resolve(readOutcome(sending));
    sending.onerror = () => resolve({ problem: unreachableProblem });
    sending.send(createUploadForm(file));
  });
}

function readOutcome(answered: XMLHttpRequest): UploadOutcome {
  const { status, response } = answered;
  const { space, chart, version, code, message } = response ?? {};
  if (status === 201) return { result: { space, chart, version } };
  return {
    problem: {
      status,
      code: code ?? `http.${status}`,
      message: message ?? `The registry answered ${status}.`,
      details: {},
      requestId: answered.getResponseHeader('x-request-id') ?? undefined,
    },
  };
}

const unreachableProblem: RequestProblem = {
  status: 0,
  code: 'connection.failed',
  message: 'The registry does not answer. Check the connection, then try again.',
  details: {},
  requestId: undefined,
};

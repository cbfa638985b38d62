import { spacePath } from '../../api/lists.ts';
import { type RequestProblem, unreachable } from '../../api/request.ts';

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
    const form = new FormData();
    form.set('chartfile', file);
    const sending = new XMLHttpRequest();
    sending.open('POST', `/api/v1${spacePath(space)}/charts`);
    sending.responseType = 'json';
    // The form is a little longer than the file.
    sending.upload.onprogress = ({ loaded, total }) =>
      onSent(Math.round(file.size * (total === 0 ? 0 : loaded / total)));
    sending.onload = () => resolve(readOutcome(sending));
    sending.onerror = () => resolve({ problem: unreachable });
    sending.send(form);
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

import { isRegistryError } from '../errors.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import { delayAfterError, sleep } from '../transport/retries.ts';
import type { Transport } from '../transport/transport.ts';
import type {
  DeviceLogin,
  DeviceRequest,
  DeviceToken,
  NewToken,
  WantedDeviceLogin,
} from '../types/access.ts';

/** Log-ins of commands: a command begins one, and a user approves it in a browser (RFC 8628). */
export interface DeviceClient {
  /** Begins a log-in, without credentials. */
  begin(wanted: WantedDeviceLogin, options?: CallOptions): Promise<DeviceLogin>;
  /**
   * Polls until a user has decided, and collects the token. Failures that pass by themselves are waited out as long as
   * the log-in can be approved.
   * @throws {RegistryError} `device.denied`, `device.expired`
   */
  wait(
    login: Pick<DeviceLogin, 'device_code' | 'interval' | 'expires_in'>,
    options?: CallOptions,
  ): Promise<DeviceToken>;
  /** Shows the log-in that has a code. This and the decisions need the session of a browser. */
  review(userCode: string, options?: CallOptions): Promise<DeviceRequest>;
  /** Lets a command act as the caller, within bounds. */
  approve(userCode: string, bounds?: Omit<NewToken, 'name'>, options?: CallOptions): Promise<void>;
  /** Denies a log-in. */
  deny(userCode: string, options?: CallOptions): Promise<void>;
}

/** Creates the client of log-ins of commands. */
export function createDevice(transport: Transport): DeviceClient {
  const path = '/api/v1/device';
  const call = (step: string, body: object, options?: CallOptions) =>
    ({ ...options, method: 'POST', path: `${path}${step}`, body: jsonBody(body) }) as const;
  return {
    begin: (wanted, options) => transport.json(call('', wanted, options)),
    async wait({ device_code, interval, expires_in }, options) {
      const deadline = performance.now() + expires_in * 1000;
      let seconds = interval;
      for (let failures = 0; ; ) {
        await sleep(seconds * 1000, options?.signal);
        try {
          return await transport.json<DeviceToken>(call('/token', { device_code }, options));
        } catch (error) {
          if (isRegistryError(error, 'device.pending', 'device.slowDown')) {
            failures = 0;
            seconds = error.retryAfter ?? seconds;
            continue;
          }
          const delay = delayAfterError(error, failures);
          if (delay === undefined || performance.now() > deadline) throw error;
          failures += 1;
          await sleep(delay, options?.signal);
        }
      }
    },
    review: (user_code, options) =>
      transport.json({ ...call('/review', { user_code }, options), isRepeatable: true }),
    approve: (user_code, bounds = {}, options) =>
      transport.done(call('/approve', { user_code, ...bounds }, options)),
    deny: (user_code, options) => transport.done(call('/deny', { user_code }, options)),
  };
}

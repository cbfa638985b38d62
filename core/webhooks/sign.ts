import { Webhook } from 'standardwebhooks';
import { RegistryError } from '../errors.ts';

const prefix = 'whsec_';
/** Characters of a callback's URL. */
const longestUrl = 2048;

/** Whom a client wants to be told when its job ends, as the recipe says it. */
export interface Callback {
  url: string;
  secret?: string | undefined;
}

/**
 * Checks a recipe's callback before the job is accepted. Whether the address may be called is not asked here: a name may
 * lead elsewhere by the time of the call, so that is checked when connecting.
 * @returns the callback with its URL in normal form.
 * @throws RegistryError `callback.invalid` with the pointer of the key that is wrong.
 */
export function checkCallback(callback: Callback): Callback {
  const url = parseCallbackUrl(callback.url);
  if (typeof url === 'string') {
    throw new RegistryError('callback.invalid', `The callback's URL ${url}.`, { pointer: '/callback/url' });
  }
  if (callback.secret === undefined) return { url: url.href };
  parseSecret(callback.secret);
  return { url: url.href, secret: callback.secret };
}

/** A URL that may be called, or what is wrong with it as the end of a sentence. Says nothing of the text itself. */
export function parseCallbackUrl(text: string, base?: string): URL | string {
  if (text.length > longestUrl) return `has ${text.length} characters; the most is ${longestUrl}`;
  if (!URL.canParse(text, base)) return 'cannot be read; give a whole one, such as https://example.com/hook';
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  if (url.username !== '' || url.password !== '') {
    return 'must not carry a user name or password; sign the calls with a secret instead';
  }
  return url;
}

/**
 * The key that a callback's secret stands for. `whsec_` and base64 is the form of the Standard Webhooks specification
 * ("Symmetric signatures"). Without the prefix, a secret that is padded base64 of 24 to 64 bytes, the lengths which the
 * specification asks for, is the same key without its prefix; of any other secret the UTF-8 bytes are the key.
 * @throws RegistryError `callback.invalid` when it is empty, or begins with `whsec_` and goes on with something else.
 */
export function parseSecret(secret: string): Uint8Array {
  if (secret.startsWith(prefix)) {
    const key = decodeBase64(secret.slice(prefix.length));
    if (key === undefined || key.length === 0) {
      throw refuseSecret(`begins with ${prefix} but what follows is not base64`);
    }
    return key;
  }
  if (secret === '') throw refuseSecret('is empty; leave it out if the calls need no signature');
  // PostgreSQL cannot store it, and no one types it on purpose.
  if (secret.includes('\0')) throw refuseSecret('contains a NUL character');
  const key = decodeBase64(secret);
  return key !== undefined && key.length >= 24 && key.length <= 64 ? key : Buffer.from(secret, 'utf8');
}

/** What is signed and sent: the delivery's id, the same for each attempt, and the exact body. */
export interface Signable {
  id: string;
  payload: string;
  secret?: string | undefined;
}

/**
 * The Standard Webhooks headers of one attempt; the signature only when there is a secret. The time is that of the
 * attempt, since receivers refuse what is older than some minutes.
 * @throws RegistryError `callback.invalid` as {@link parseSecret} does.
 */
export function signDelivery({ id, payload, secret }: Signable, at: Date): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)) };
  if (secret === undefined) return headers;
  const webhook = new Webhook(parseSecret(secret), { format: 'raw' });
  return { ...headers, 'webhook-signature': webhook.sign(id, at, payload) };
}

/** Strict, where Buffer takes whatever it is given: padding, no other characters, no stray bits at the end. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function refuseSecret(why: string): RegistryError {
  return new RegistryError('callback.invalid', `The callback's secret ${why}.`, {
    pointer: '/callback/secret',
  });
}

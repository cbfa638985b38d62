// Receiver of webhooks, to try them: node examples/webhook-receiver.mjs ADDRESS:PORT CALLS
// It verifies each call by the secret in WEBHOOK_SECRET, prints it, and ends after so many calls.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const [address = '127.0.0.1:8098', calls = '1'] = process.argv.slice(2);
const key = Buffer.from((process.env.WEBHOOK_SECRET ?? '').replace(/^whsec_/, ''), 'base64');
const maxAgeSeconds = 300;

/** Whether one of the signatures is that of the body; after a new secret there are two for a day. */
function isSigned(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures = '' } = headers;
  if (Math.abs(Date.now() / 1000 - Number(time)) > maxAgeSeconds) return false;
  const expected = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// An id that was seen before is a repeated call: answer it, and do nothing.
const seen = new Set();

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.method !== 'POST') return response.writeHead(200).end();
  if (!isSigned(request.headers, body)) return response.writeHead(401).end();
  response.writeHead(204).end();
  const id = request.headers['webhook-id'];
  if (seen.has(id)) return;
  seen.add(id);
  const { type, data } = JSON.parse(body);
  process.stdout.write(`${[type, data.chart, data.version].filter(Boolean).join(' ')}\n`);
  if (seen.size === Number(calls)) server.close();
});
const colon = address.lastIndexOf(':');
server.listen(Number(address.slice(colon + 1)), address.slice(0, colon));

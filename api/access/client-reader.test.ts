import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientReader } from './client.ts';
import { createClientReader } from './client-reader.ts';

/** Sends a request from 127.0.0.1 with headers as given, and reads it. */
async function read<T>(
  settings: { trustedProxies?: string[]; publicUrl?: string },
  headers: string[],
  ask: (reader: ClientReader, request: IncomingMessage) => T,
): Promise<T> {
  const server = createServer().listen(0, '::');
  onTestFinished(() => server.close().closeAllConnections());
  await once(server, 'listening');
  const address = server.address();
  const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : ['Host: charts.example'];
  socket.write(['GET / HTTP/1.1', ...host, ...headers, '', ''].join('\r\n'));
  const [request] = await once(server, 'request');
  return ask(createClientReader({ trustedProxies: [], publicUrl: '', ...settings }), request);
}

const addressWith = (trustedProxies: string[], ...headers: string[]) =>
  read({ trustedProxies }, headers, (reader, request) => reader.addressOf(request));

describe('the address of a client', () => {
  it('the address of a client is the peer, in the form of IPv4 on a socket of both families, and headers of strangers count for nothing', async () => {
    expect(await addressWith([], 'X-Forwarded-For: 192.0.2.1')).toBe('127.0.0.1');
    expect(await addressWith(['10.0.0.0/8', '::1/128'], 'X-Forwarded-For: 192.0.2.1')).toBe('127.0.0.1');
  });

  it.each([
    ['the only entry', ['192.0.2.1'], '192.0.2.1'],
    ['the last entry, not what the client sent itself', ['198.51.100.9, 192.0.2.1'], '192.0.2.1'],
    ['the last that is not of a trusted proxy', ['198.51.100.9, 192.0.2.1, 10.1.1.1, 10.2.2.2'], '192.0.2.1'],
    ['an entry of several headers', ['198.51.100.9', '192.0.2.1', '10.1.1.1'], '192.0.2.1'],
    ['a trusted proxy, where the client is one', ['10.1.1.1, 10.2.2.2'], '10.1.1.1'],
    ['the peer without a header', [], '127.0.0.1'],
    ['the peer, before an empty header', [''], '127.0.0.1'],
    ['the last proxy, before a word', ['192.0.2.1, unknown, 10.1.1.1'], '10.1.1.1'],
    ['the last proxy, before an empty entry', ['192.0.2.1, , 10.1.1.1'], '10.1.1.1'],
    ['the peer, before an octal number', ['192.0.2.1, 010.0.0.1'], '127.0.0.1'],
    ['the peer, before a short form', ['192.0.2.1, 127.1'], '127.0.0.1'],
    ['without a port', ['192.0.2.1:8080'], '192.0.2.1'],
    ['IPv6, shortest', ['2001:DB8:0:0:0:0:0:1'], '2001:db8::1'],
    ['IPv6 in brackets, with a port', ['[2001:db8::1]:443, 10.1.1.1'], '2001:db8::1'],
    ['IPv4 mapped into IPv6', ['192.0.2.7, ::ffff:10.1.1.1'], '192.0.2.7'],
  ])('behind trusted proxies is %s', async (_, values, expected) => {
    const headers = values.map((value) => `X-Forwarded-For: ${value}`);
    expect(await addressWith(['127.0.0.1/32', '10.0.0.0/8'], ...headers)).toBe(expected);
  });
});

const baseUrlWith = (settings: { trustedProxies?: string[]; publicUrl?: string }, ...headers: string[]) =>
  read(settings, headers, (reader, request) => reader.baseUrlOf(request));

describe('the base URL', () => {
  const trusting = { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] };

  it.each([
    [['Host: Charts.example:8099'], 'http://charts.example:8099'],
    [['Host: charts.example:80'], 'http://charts.example'],
    [['Host: [::1]:8099'], 'http://[::1]:8099'],
    [['Host: a b'], 'http://localhost'],
    [
      ['Host: charts.example', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.example'],
      'http://charts.example',
    ],
  ])('the base URL is that of the host without trusted proxies: %j', async (headers, expected) => {
    expect(await baseUrlWith({}, ...headers)).toBe(expected);
  });

  it.each([
    [['X-Forwarded-Proto: https'], 'https://charts.example'],
    [['X-Forwarded-Proto: HTTPS', 'X-Forwarded-Host: Public.example:443'], 'https://public.example'],
    [['X-Forwarded-Proto: https', 'X-Forwarded-Host: public.example:8443'], 'https://public.example:8443'],
    [['X-Forwarded-Proto: javascript', 'X-Forwarded-Host: "evil'], 'http://charts.example'],
    [['X-Forwarded-Host: user@evil.example'], 'http://charts.example'],
    [['X-Forwarded-Host: evil.example/path'], 'http://charts.example'],
  ])('the base URL is what a trusted proxy reports, where that is valid: %j', async (headers, expected) => {
    expect(await baseUrlWith(trusting, ...headers)).toBe(expected);
  });

  it('the base URL is what the first trusted proxy wrote where each appends, not what the client put in front', async () => {
    const headers = [
      'X-Forwarded-For: 198.51.100.1, 192.0.2.1, 10.1.1.1',
      'X-Forwarded-Proto: http, https, http',
      'X-Forwarded-Host: evil.example, charts.example, inner.example',
    ];
    expect(await baseUrlWith(trusting, ...headers)).toBe('https://charts.example');
  });

  it('the base URL is PUBLIC_URL if there is one', async () => {
    const settings = { ...trusting, publicUrl: 'https://charts.example.com/' };
    const headers = ['X-Forwarded-Host: other.example', 'X-Forwarded-Proto: http'];
    expect(await baseUrlWith(settings, ...headers)).toBe('https://charts.example.com');
  });
});

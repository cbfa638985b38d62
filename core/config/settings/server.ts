import { z } from 'zod';
import {
  addressRangesSchema,
  flagSchema,
  hostNamesSchema,
  listenAddressSchema,
  oneOfSchema,
  webAddressSchema,
  wholeNumberSchema,
} from '../shapes.ts';
import { setting } from './setting.ts';

/** Settings of the server: addresses, host names and processes. */
export const serverSettings = {
  listen: setting({
    key: 'listen',
    env: 'LISTEN',
    schema: listenAddressSchema,
    default: '127.0.0.1:8099',
    doc: 'Address to serve on. `:8099` is every interface.',
  }),
  tlsCert: setting<string>({
    key: 'tls.cert',
    env: 'TLS_CERT',
    schema: z.string(),
    default: '',
    doc: 'File with the certificate in PEM form, followed by those of its issuers. With it `LISTEN` speaks HTTPS, with TLS 1.2 or later. A changed file is used without a restart.',
  }),
  tlsKey: setting<string>({
    key: 'tls.key',
    env: 'TLS_KEY',
    schema: z.string(),
    default: '',
    doc: 'File with the private key of the certificate, in PEM form and without a passphrase.',
  }),
  publicUrl: setting({
    key: 'public.url',
    env: 'PUBLIC_URL',
    schema: webAddressSchema,
    default: '',
    doc: 'Address by which clients reach the registry, such as `https://charts.example.com`: its host is answered, its pages may write, and absolute addresses in responses begin with it.',
  }),
  allowedHosts: setting<string[]>({
    key: 'allowed.hosts',
    env: 'ALLOWED_HOSTS',
    schema: hostNamesSchema,
    default: [],
    doc: 'Host names (comma-separated) that are answered, beside those of `PUBLIC_URL` and of this machine. Where it is empty, every host is answered unless `LISTEN` is on loopback.',
  }),
  trustedProxies: setting<string[]>({
    key: 'trusted.proxies',
    env: 'TRUSTED_PROXIES',
    schema: addressRangesSchema,
    default: [],
    doc: 'Address ranges (CIDR, comma-separated) of proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` are believed.',
  }),
  apiProcesses: setting({
    key: 'api.processes',
    env: 'API_PROCESSES',
    schema: wholeNumberSchema(1, 64),
    default: 1,
    doc: 'Processes in which `serve` and `api` answer requests, all on that address: as many cores can do so at once. Each has caches and connections of its own. More than one pays from four cores on.',
  }),
};

/** Settings of the log. */
export const logSettings = {
  logLevel: setting<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'>({
    key: 'log.level',
    env: 'LOG_LEVEL',
    schema: oneOfSchema('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    doc: 'Least severe log lines that are written: `trace`, `debug`, `info`, `warn`, `error` or `silent`.',
  }),
};

/** Settings of metrics. */
export const metricsSettings = {
  metricsListen: setting<string>({
    key: 'metrics.listen',
    env: 'METRICS_LISTEN',
    schema: listenAddressSchema,
    default: '',
    doc: 'Address on which a process answers `/metrics` for Prometheus, those of its helper processes included. Nobody needs credentials there, so let only monitoring reach it. Empty for none.',
  }),
  metricsSpaces: setting({
    key: 'metrics.spaces',
    env: 'METRICS_SPACES',
    schema: flagSchema,
    default: true,
    doc: 'Whether metrics tell of each space by its name: bytes, versions, quota, mirror and retention. Without it there are no alerts on quotas, mirrors and retention.',
  }),
};

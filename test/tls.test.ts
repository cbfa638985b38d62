import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../core/config/load.ts';
import type { Config } from '../core/config/settings.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { createTestDatabase } from './support/postgres.ts';
import { cliOutput, runCli, whenServing } from './support/process.ts';
import { getSecurely, makeCertificateFolder, readTestPem } from './support/tls.ts';

/** Milliseconds in which a renewed certificate is in use; the files are examined every five seconds. */
const renewal = { timeout: 30_000 };

async function start(overrides: Partial<Config>): Promise<EmbeddedRegistry> {
  const registry = await startEmbedded(overrides, { worker: false });
  onTestFinished(() => registry.close().catch(() => undefined));
  return registry;
}

describe('a registry with a certificate', () => {
  it('a registry with a certificate speaks HTTPS, from TLS 1.2 on, and says so in its addresses', async () => {
    const { settings } = await makeCertificateFolder();
    const { url } = await start(settings);
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await getSecurely(`${url}/readyz`, 'first')).toMatchObject({ status: 200, protocol: 'TLSv1.3' });
    const older = await getSecurely(`${url}/readyz`, 'first', { maxVersion: 'TLSv1.2' });
    expect(older).toMatchObject({ status: 200, protocol: 'TLSv1.2' });
    await expect(getSecurely(`${url}/readyz`, 'first', { maxVersion: 'TLSv1.1' })).rejects.toThrow(
      /alert|version|protocol/,
    );
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
    // A page of plain HTTP on the same host and port cannot exist; one of another port may not write.
    const page = await getSecurely(`${url}/api/v1/spaces`, 'first', { origin: 'https://127.0.0.1:1' });
    expect(page.status).toBe(200);
  });

  it('a renewed certificate is used for new connections, and open ones go on', async () => {
    const { settings, put } = await makeCertificateFolder();
    const { url } = await start(settings);
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: await readTestPem('first.crt') });
    onTestFinished(() => agent.destroy());
    const ask = () =>
      new Promise<{ status: number | undefined; reused: boolean }>((resolve, reject) => {
        const sent = request(`${url}/healthz`, { agent }, async (answer) => {
          await text(answer);
          resolve({ status: answer.statusCode, reused: sent.reusedSocket });
        });
        sent.on('error', reject).end();
      });
    expect(await ask()).toEqual({ status: 200, reused: false });
    // The new certificate alone does not fit the old key: the pair in use stays.
    await put('second', ['crt']);
    expect((await getSecurely(`${url}/healthz`, 'first')).certificate).toBe('first.test');
    await put('second', ['key']);
    const shown = () =>
      getSecurely(`${url}/healthz`, 'second').then(
        ({ certificate }) => certificate,
        () => 'another',
      );
    await expect.poll(shown, renewal).toBe('second.test');
    expect(await ask()).toEqual({ status: 200, reused: true });
  });

  it('a client that does not end its handshake does not hold up a shutdown', async () => {
    const { settings } = await makeCertificateFolder();
    const registry = await start(settings);
    const { hostname, port } = new URL(registry.url);
    const silent = connect(Number(port), hostname);
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    // Answered, so the server has accepted the connection before it.
    await getSecurely(`${registry.url}/healthz`, 'first');
    const closed = once(silent, 'close');
    await registry.close();
    await closed;
    expect(silent.destroyed).toBe(true);
  });

  it('helper processes use the certificate and renew it', async () => {
    const { settings, put } = await makeCertificateFolder();
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const child = runCli(['api'], {
      DATABASE_URL: database.url,
      DATA_DIR: `${settings.tlsCert}.data`,
      LISTEN: '127.0.0.1:0',
      LOG_LEVEL: 'info',
      API_PROCESSES: '2',
      TLS_CERT: settings.tlsCert,
      TLS_KEY: settings.tlsKey,
    });
    const answered = new Set<number>();
    const renewed = new Set<number>();
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { pid, msg } = JSON.parse(line);
        if (msg === 'request') answered.add(pid);
        if (msg === 'using the new certificate') renewed.add(pid);
      });
    const served = await whenServing(child, 'api');
    onTestFinished(async () => {
      if (child.exitCode === null && child.signalCode === null) await served.end('SIGKILL', true);
    });
    const ask = async (trusted: 'first' | 'second') => {
      const url = `${served.url}/api/v1/spaces`;
      await Promise.all(Array.from({ length: 10 }, () => getSecurely(url, trusted)));
      return answered.size;
    };
    await expect.poll(() => ask('first'), renewal).toBe(2);
    await put('second');
    await expect.poll(() => renewed.size, renewal).toBe(2);
    answered.clear();
    await expect.poll(() => ask('second'), renewal).toBe(2);
    expect(await served.end('SIGTERM')).toBe(0);
  });
});

describe('a certificate that cannot be used', () => {
  it.each([
    [{ TLS_CERT: '/srv/tls.crt' }, /TLS_CERT is set and TLS_KEY is not: HTTPS needs both/],
    [{ TLS_KEY: '/srv/tls.key' }, /TLS_KEY is set and TLS_CERT is not: HTTPS needs both/],
  ])('a certificate setting %j alone is refused', async (environment, message) => {
    await expect(loadConfig(environment)).rejects.toThrow(message);
  });

  it('a certificate that cannot be used stops the start with a line that says why', async () => {
    const { settings, put } = await makeCertificateFolder();
    const { tlsCert, tlsKey } = settings;
    const fail = async (TLS_CERT: string, TLS_KEY: string) => {
      const folder = `${tlsCert}.data`;
      const { code, stderr } = await cliOutput(['serve'], {
        DATA_DIR: folder,
        LISTEN: '127.0.0.1:0',
        TLS_CERT,
        TLS_KEY,
      });
      expect(code).toBe(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      return stderr;
    };
    expect(await fail(`${tlsCert}.none`, tlsKey)).toContain(`TLS_CERT: there is no file ${tlsCert}.none`);
    expect(await fail(tlsKey, tlsKey)).toMatch(/TLS_CERT .*has no certificate in PEM form/);
    expect(await fail(tlsCert, tlsCert)).toMatch(/TLS_KEY .*has no private key in PEM form/);
    await put('second', ['key']);
    expect(await fail(tlsCert, tlsKey)).toMatch(/TLS_KEY .*is not the key of TLS_CERT/);
    const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    await writeFile(tlsKey, createPrivateKey(await readTestPem('first.key')).export(encrypted));
    expect(await fail(tlsCert, tlsKey)).toMatch(/TLS_KEY .*is encrypted: store the key without a passphrase/);
  });

  it('an expired certificate is served, with a warning in the log', async () => {
    const { settings } = await makeCertificateFolder('expired');
    const child = runCli(['serve'], {
      DATA_DIR: `${settings.tlsCert}.data`,
      LISTEN: '127.0.0.1:0',
      TLS_CERT: settings.tlsCert,
      TLS_KEY: settings.tlsKey,
    });
    const warned = new Promise<string>((resolve) => {
      if (child.stdout)
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line.includes('"the certificate has expired')) resolve(JSON.parse(line).expires);
        });
    });
    const served = await whenServing(child, 'serve');
    expect(await warned).toBe('2021-01-01T00:00:00.000Z');
    await expect(getSecurely(`${served.url}/healthz`, 'expired')).rejects.toThrow(/expired/);
    expect(await served.end('SIGTERM')).toBe(0);
  });
});

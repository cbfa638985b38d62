import { flagSchema, oneOfSchema, secondsSchema, wholeNumberSchema } from '../shapes.ts';
import { mebibyte, setting } from './setting.ts';

/** Settings of reads: caches, formats and slow clients. */
export const readsSettings = {
  cacheSize: setting({
    key: 'cache.size',
    env: 'CACHE_SIZE',
    schema: wholeNumberSchema(0, 16_384 * mebibyte),
    default: 64 * mebibyte,
    doc: 'Bytes of the response cache of a process: lists, metadata and values.',
  }),
  blobCache: setting({
    key: 'blob.cache',
    env: 'BLOB_CACHE',
    schema: wholeNumberSchema(0, 16_384 * mebibyte),
    default: 64 * mebibyte,
    doc: 'Bytes of archives, provenance files and OCI blobs that a process keeps in memory for downloads. One of more than a sixteenth of that is streamed from the store each time. 0 keeps none.',
  }),
  filesCache: setting({
    key: 'files.cache',
    env: 'FILES_CACHE',
    schema: wholeNumberSchema(0, 16_384 * mebibyte),
    default: 64 * mebibyte,
    doc: 'Bytes of opened archives that a process keeps in memory: lists of files, their contents, and values with their origins. One archive has a quarter of that at most; files beyond it are read anew each time. 0 keeps none.',
  }),
  iconFetch: setting({
    key: 'icons.fetch',
    env: 'ICON_FETCH',
    schema: flagSchema,
    default: true,
    doc: 'Whether icons of charts are fetched from the web addresses that Chart.yaml names, under the rules of webhooks (`WEBHOOK_ALLOW`). Switch it off where nothing may go out, or no internet is there: icons inside archives are shown all the same.',
  }),
  indexCache: setting({
    key: 'index.cache',
    env: 'INDEX_CACHE',
    schema: wholeNumberSchema(0, 65_536 * mebibyte),
    default: 96 * mebibyte,
    doc: 'Bytes of chart repository indexes that a process caches; one of 15,000 versions takes about 12 MiB, one of 100,000 about 80 MiB. One that does not fit is read from the database each time.',
  }),
  indexFormat: setting<'json' | 'yaml'>({
    key: 'index.format',
    env: 'INDEX_FORMAT',
    schema: oneOfSchema('json', 'yaml'),
    default: 'json',
    doc: 'How `index.yaml` is written for clients that do not say with `Accept`: `json`, which is YAML too and which Helm loads several times faster, or `yaml`, with a line for each version.',
  }),
  answerMemory: setting({
    key: 'answers.memory',
    env: 'ANSWER_MEMORY',
    schema: wholeNumberSchema(mebibyte, 65_536 * mebibyte),
    default: 256 * mebibyte,
    doc: 'Bytes of responses that a process holds for clients that have not read them yet. While there are more, lists, documents and indexes that are not cached are answered 503 with `Retry-After`.',
  }),
  clientTimeout: setting({
    key: 'client.timeout',
    env: 'CLIENT_TIMEOUT',
    schema: secondsSchema(1),
    default: 60,
    doc: 'Seconds without progress after which a client is disconnected that neither reads nor sends. A transfer that moves may take as long as it takes.',
  }),
};

// Examples of `/openapi.json`: a recipe, and the job that it becomes.

/** Recipe of an umbrella of two charts. */
export const recipeExample = {
  save: { chart: 'shop', version: '1.2.0', description: 'The shop with its database' },
  configs: {
    web: {
      package: { independent: true, space: 'platform', chart: 'web', version: '^1.2' },
      _config: { replicas: 2 },
    },
    database: {
      package: { independent: true, space: 'platform', chart: 'postgres', version: '15.4.1' },
    },
  },
};

const id = '0198f3a2-7c41-7d3e-9a55-1f0c2b6d8e77';
const self = `/api/v1/jobs/${id}`;

/** Job of that recipe, when it is over. */
export const jobExample = {
  id,
  state: 'succeeded',
  space: 'platform',
  chart: 'shop',
  version: '1.2.0',
  progress: { stage: 'done', done: 2, total: 2 },
  sources: [
    {
      pointer: '/configs/web/package',
      space: 'platform',
      chart: 'web',
      requested: '^1.2',
      version: '1.4.0',
      digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  ],
  warnings: [],
  attempts: 1,
  createdAt: '2026-01-31T08:00:00.000Z',
  startedAt: '2026-01-31T08:00:00.100Z',
  finishedAt: '2026-01-31T08:00:00.900Z',
  updatedAt: '2026-01-31T08:00:00.900Z',
  stages: [
    { stage: 'queued', startedAt: '2026-01-31T08:00:00.000Z', finishedAt: '2026-01-31T08:00:00.100Z' },
    { stage: 'storing', startedAt: '2026-01-31T08:00:00.700Z', finishedAt: '2026-01-31T08:00:00.900Z' },
  ],
  result: {
    space: 'platform',
    chart: 'shop',
    version: '1.2.0',
    link: '/api/v1/spaces/platform/charts/shop/versions/1.2.0',
  },
  links: { self, events: `${self}/events`, deliveries: `${self}/deliveries`, recipe: `${self}/recipe` },
};

/** First event of that job, as the stream has it. */
export const eventExample = `event: job\nid: 1\ndata: {"id":"${id}","state":"running"}\n\n`;

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describeSettings, exampleSettings } from '../core/config/describe.ts';
import { packageFolder } from '../core/runtime/package-info.ts';
import { describeAlerts, describeMetrics } from './monitoring/describe-metrics.ts';
import { writeDashboard } from './monitoring/write-dashboard.ts';
import { writeRules } from './monitoring/write-rules.ts';

// `npm run docs`: writes the settings into docs/configuration.md and config.example.yaml, the metrics and alerts into
// docs/monitoring.md, and the dashboard and the alert rules into deploy/monitoring/.

await replaceMarkedText('docs/configuration.md', 'settings', describeSettings());
await writeFile(new URL('config.example.yaml', packageFolder), exampleSettings());
await replaceMarkedText('docs/monitoring.md', 'metrics', describeMetrics());
await replaceMarkedText('docs/monitoring.md', 'alerts', describeAlerts());
await mkdir(new URL('deploy/monitoring/', packageFolder), { recursive: true });
await writeFile(new URL('deploy/monitoring/dashboard.json', packageFolder), writeDashboard());
await writeFile(new URL('deploy/monitoring/alerts.yaml', packageFolder), writeRules());

/** Writes a text into a page, between the comments with its name. */
async function replaceMarkedText(path: string, name: string, filling: string): Promise<void> {
  const page = new URL(path, packageFolder);
  const text = await readFile(page, 'utf8');
  const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*(<!-- /${name} -->)`);
  if (!place.test(text)) throw new Error(`${path} has no place for the ${name}`);
  await writeFile(
    page,
    text.replace(place, (_, begin: string, end: string) => `${begin}${filling}\n${end}`),
  );
}

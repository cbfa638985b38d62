/**
 * Adds settings to a database URL, for every connection to it. The settings join those that the operator has
 * put into the URL; a client's own options would replace those.
 * @param settings as on PostgreSQL's command line, `search_path=x`
 */
export function withServerOptions(url: string, settings: readonly string[]): string {
  const target = new URL(url);
  const existing = target.searchParams.get('options') ?? '';
  target.searchParams.set(
    'options',
    [existing, ...settings.map((setting) => `-c ${setting}`)].join(' ').trim(),
  );
  return target.href;
}

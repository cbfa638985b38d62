/**
 * The address of a database with settings for every connection to it. They stand in the address, beside those that its
 * owner has put there, because a client's own options would replace them.
 * @param settings as on PostgreSQL's command line, `search_path=x`
 */
export function withServerOptions(url: string, settings: readonly string[]): string {
  const target = new URL(url);
  const given = target.searchParams.get('options') ?? '';
  target.searchParams.set('options', [given, ...settings.map((setting) => `-c ${setting}`)].join(' ').trim());
  return target.href;
}

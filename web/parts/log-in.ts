/** Address of the log-in, which leads back to an address of the page. */
export function pathToLogIn(back: string): string {
  return `/login?${new URLSearchParams({ return: back })}`;
}

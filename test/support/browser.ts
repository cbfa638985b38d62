/** Browser of a test: keeps cookies by host, follows redirects, and names the page of each request. */
export interface Browser {
  /** Opens an address, as if it was typed or followed. */
  open(url: string, options?: { follow?: boolean }): Promise<Visit>;
  /** Sends a form from a page. */
  post(url: string, form: Record<string, string>, page: string): Promise<Visit>;
  /** Sends a request of a script of a page. */
  fetch(url: string, page: string, init?: RequestInit): Promise<Response>;
  /** Cookies that it keeps for a host, by name. */
  cookies(host: string): Map<string, string>;
}

/** Response at the end of the redirects, and its address. */
export interface Visit {
  url: string;
  status: number;
  headers: Headers;
  text: string;
  /** Addresses on the way, the first included. */
  trail: string[];
}

const maxRedirects = 20;

/** Creates a browser without cookies. */
export function createBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const cookies = (host: string) => {
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };

  async function send(url: string, init: RequestInit): Promise<Response> {
    const jar = cookies(new URL(url).hostname);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('Cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(jar, line);
    return response;
  }

  async function visit(url: string, init: RequestInit, follow = true): Promise<Visit> {
    const trail = [url];
    let response = await send(url, init);
    for (let location = response.headers.get('location'); follow && location !== null; ) {
      if (trail.length > maxRedirects) throw new Error(`too many redirects: ${trail.join(' ')}`);
      const next = new URL(location, trail.at(-1)).href;
      trail.push(next);
      response = await send(next, { headers: navigation('none') });
      location = response.headers.get('location');
    }
    const text = await response.text();
    return { url: trail.at(-1) ?? url, status: response.status, headers: response.headers, text, trail };
  }

  return {
    cookies,
    open: (url, { follow } = {}) => visit(url, { headers: navigation('none') }, follow),
    post: (url, form, page) =>
      visit(url, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { ...navigation(siteOf(url, page)), Origin: new URL(page).origin },
      }),
    fetch: (url, page, init = {}) =>
      send(url, {
        ...init,
        headers: {
          ...Object.fromEntries(new Headers(init.headers)),
          Origin: new URL(page).origin,
          'Sec-Fetch-Site': siteOf(url, page),
          'Sec-Fetch-Mode': 'cors',
        },
      }),
  };
}

function navigation(site: string): Record<string, string> {
  return { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate' };
}

function siteOf(url: string, page: string): string {
  const [target, source] = [new URL(url), new URL(page)];
  if (target.origin === source.origin) return 'same-origin';
  return target.hostname === source.hostname ? 'same-site' : 'cross-site';
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(/;\s*/);
  const at = pair.indexOf('=');
  const name = pair.slice(0, at);
  const isOver = attributes.some((attribute) => /^max-age=0$|^expires=Thu, 01 Jan 1970/i.test(attribute));
  if (isOver) jar.delete(name);
  else jar.set(name, pair.slice(at + 1));
}

import type { ResolvedLink } from './resolve-link.ts';

/** Images that browsers show whatever type their bytes are sent as. */
const sniffedImagePattern = /\.(?:png|jpe?g|gif|webp)$/i;

/**
 * Leaves an image that comes with the chart. One from elsewhere becomes a link that names the host. Looking at a chart
 * tells nobody that somebody looks.
 */
export function replaceImage(
  image: HTMLImageElement,
  resolve: (address: string) => ResolvedLink,
  { bytesOf, pageOf }: { bytesOf(path: string): string; pageOf(path: string): string },
): void {
  const found = resolve(image.getAttribute('src') ?? '');
  const name = image.alt.trim();
  if (found.kind === 'data' || (found.kind === 'file' && sniffedImagePattern.test(found.path))) {
    image.src = found.kind === 'data' ? found.href : bytesOf(found.path);
    image.alt = name;
    image.loading = 'lazy';
    image.removeAttribute('srcset');
    return;
  }
  if (found.kind === 'external') {
    image.replaceWith(createLink(image, found.href, describe(name, `image from ${found.host}`)));
  } else if (found.kind === 'file') {
    image.replaceWith(createLink(image, pageOf(found.path), describe(name, `image ${found.path}`)));
  } else {
    image.replaceWith(name ? `${name} (image)` : '');
  }
}

function describe(name: string, source: string): string {
  return name ? `${name} (${source})` : source;
}

// A link has no links inside: an image in one becomes text of it.
function createLink(image: HTMLImageElement, href: string, text: string): HTMLElement | string {
  if (image.closest('a')) return text;
  const link = document.createElement('a');
  link.setAttribute('href', href);
  link.append(text);
  return link;
}

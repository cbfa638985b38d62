import { readExternalLink } from '../../../parts/markdown/resolve-link.ts';

/** Link that a chart gives. The address is shown as text where it is not an address of the web or of mail. */
export function OutsideLink({ address, name }: { address: string; name?: string | undefined }) {
  const link = readExternalLink(address);
  const text = name || address.replace(/^https?:\/\/(?:www\.)?|^mailto:/, '').replace(/\/$/, '');
  if (!link) return <bdi>{text}</bdi>;
  return (
    <a href={link.href} rel="noopener noreferrer nofollow" title={link.href}>
      <bdi>{text}</bdi>
    </a>
  );
}

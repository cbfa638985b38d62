import DOMPurify from 'dompurify';

// Elements and attributes that a text of a chart may have: no forms, no styles, no classes of the page, no roles.
const allowedTags =
  'a abbr b blockquote br caption code col colgroup del details div em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins ' +
  'kbd li mark ol p picture pre q s samp small span strike strong sub summary sup table tbody td tfoot th thead tr u ul var';
const allowedAttributes =
  'alt align class colspan dir height href id open reversed rowspan src start title width';

/** Prefix of ids that come from a text, so that none of them is one of the page. */
export const idPrefix = 'user-content-';

/**
 * Makes HTML of a stranger safe: a fragment of elements that run nothing. A fragment needs no assignment of text as
 * HTML, so nothing is parsed twice, and Trusted Types have nothing to refuse.
 */
export function cleanMarkdown(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: allowedTags.split(' '),
    ALLOWED_ATTR: allowedAttributes.split(' '),
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    SANITIZE_NAMED_PROPS: true,
    RETURN_DOM_FRAGMENT: true,
  });
}

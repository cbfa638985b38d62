/** Long names of Unicode's categories that Go knows (`unicode.CategoryAliases`), without what it ignores in them. */
const categories: ReadonlyMap<string, string> = new Map(
  Object.entries({
    LC: 'CasedLetter',
    Pe: 'ClosePunctuation',
    M: 'CombiningMark Mark',
    Pc: 'ConnectorPunctuation',
    Cc: 'Control Cntrl',
    Sc: 'CurrencySymbol',
    Pd: 'DashPunctuation',
    Nd: 'DecimalNumber Digit',
    Me: 'EnclosingMark',
    Pf: 'FinalPunctuation',
    Cf: 'Format',
    Pi: 'InitialPunctuation',
    L: 'Letter',
    Nl: 'LetterNumber',
    Zl: 'LineSeparator',
    Ll: 'LowercaseLetter',
    Sm: 'MathSymbol',
    Lm: 'ModifierLetter',
    Sk: 'ModifierSymbol',
    Mn: 'NonspacingMark',
    N: 'Number',
    Ps: 'OpenPunctuation',
    C: 'Other',
    Lo: 'OtherLetter',
    No: 'OtherNumber',
    Po: 'OtherPunctuation',
    So: 'OtherSymbol',
    Zp: 'ParagraphSeparator',
    Co: 'PrivateUse',
    P: 'Punctuation Punct',
    Z: 'Separator',
    Zs: 'SpaceSeparator',
    Mc: 'SpacingMark',
    Cs: 'Surrogate',
    S: 'Symbol',
    Lt: 'TitlecaseLetter',
    Cn: 'Unassigned',
    Lu: 'UppercaseLetter',
  }).flatMap(([code, names]) => names.split(' ').map((name) => [canonicalName(name), code])),
);

/**
 * Rewrites what Go's regexp takes and re2js does not: names of character classes in any case, long or short (Go 1.25), and
 * two groups of one name, which matter to nobody who asks for a match alone.
 *
 * @returns undefined for a class that Go does not know
 */
export function toRe2Syntax(text: string): string | undefined {
  let isKnown = true;
  const plain = text.replace(
    /\\([pP])(?:\{(\^?)([^}]*)\}|([^{]))|\\[\s\S]/g,
    (token, sign?: string, caret = '', long?: string, short?: string) => {
      const name = long ?? short;
      if (sign === undefined || name === undefined) return token;
      const known = nameClass(name);
      if (known === undefined) isKnown = false;
      return `\\${sign}{${caret}${known}}`;
    },
  );
  if (!isKnown) return undefined;
  const names = [...plain.matchAll(/\(\?P?<(\w+)>/g)].map(([, name]) => name);
  return new Set(names).size === names.length ? plain : plain.replace(/\\[\s\S]|\(\?P?<\w+>/g, unnameGroup);
}

function unnameGroup(token: string): string {
  return token.startsWith('(') ? '(' : token;
}

/** Name of a class for re2js: of a category by its code, or of a script. */
function nameClass(name: string): string | undefined {
  const canonical = canonicalName(name);
  if (canonical === 'Any' || canonical === 'Assigned') return canonical;
  if (canonical === 'Lc') return 'LC';
  const category = categories.get(canonical);
  if (category !== undefined) return category;
  return canonical.length <= 2 || isScript(canonical) ? canonical : undefined;
}

/** Upper case at the start, lower case in the rest, without blanks, hyphens and underscores (Go's `canonicalName`). */
function canonicalName(name: string): string {
  const plain = name.replace(/[ _-]/g, '');
  return plain.charAt(0).toUpperCase() + plain.slice(1).toLowerCase();
}

/** Go finds no script of several words, since it takes the underscores away. */
function isScript(name: string): boolean {
  try {
    return /^[A-Z][a-z]+$/.test(name) && new RegExp(`\\p{Script=${name}}`, 'u') !== undefined;
  } catch {
    return false;
  }
}

/** Long names of Unicode's categories in Go (`unicode.CategoryAliases`), in the form of `canonicalName`. */
const unicodeCategoryCodes: ReadonlyMap<string, string> = new Map(
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
 * Rewrites syntax that Go's regexp accepts and re2js does not.
 * Names of character classes may be in any case, long or short (Go 1.25), and two groups may have one name, which
 * does not matter for a match.
 *
 * @returns undefined for a class that Go does not have
 */
export function toRe2Syntax(text: string): string | undefined {
  let isKnown = true;
  const plain = text.replace(
    /\\([pP])(?:\{(\^?)([^}]*)\}|([^{]))|\\[\s\S]/g,
    (token, sign?: string, caret = '', long?: string, short?: string) => {
      const name = long ?? short;
      if (sign === undefined || name === undefined) return token;
      const known = re2ClassName(name);
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

/** Names a class for re2js: a category by its code, or a script. */
function re2ClassName(name: string): string | undefined {
  const canonical = canonicalName(name);
  if (canonical === 'Any' || canonical === 'Assigned') return canonical;
  if (canonical === 'Lc') return 'LC';
  const category = unicodeCategoryCodes.get(canonical);
  if (category !== undefined) return category;
  return canonical.length <= 2 || isScript(canonical) ? canonical : undefined;
}

/** Capitalizes a name without blanks, hyphens and underscores (Go's `canonicalName`). */
function canonicalName(name: string): string {
  const plain = name.replace(/[ _-]/g, '');
  return plain.charAt(0).toUpperCase() + plain.slice(1).toLowerCase();
}

/** Checks for a script of one word: Go removes underscores, and so finds no script of several words. */
function isScript(name: string): boolean {
  try {
    return /^[A-Z][a-z]+$/.test(name) && new RegExp(`\\p{Script=${name}}`, 'u') !== undefined;
  } catch {
    return false;
  }
}

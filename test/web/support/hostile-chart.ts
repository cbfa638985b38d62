import type { TestChart } from '../../support/charts.ts';

/** Program that tells that it ran. */
export const attack = 'globalThis.harmed = true';
/** Markup that runs the attack where a page takes it for its own. */
export const markup = `<img src=x onerror="${attack}"><script>${attack}</script><b>bold</b>`;
const script = `javascript:${attack}`;
/** Word that no line has room for. */
export const long = 'unbreakable'.repeat(60);
/** Text whose control characters turn what follows around. */
export const reversed = '\u202Egnirts desrever\u202C שלום עולם مرحبا';

const readme = `# ${markup} ${reversed}

<script>${attack}</script>
<style>body { display: none }</style>
<img src="x" onerror="${attack}"> <svg onload="${attack}"><script>${attack}</script></svg>
<a href="${script}">by link</a> [by Markdown](${script}) [by case](JaVaScRiPt:${attack}) <a href="data:text/html,${attack}">data</a>
<form action="https://evil.example.org"><input name="password"><button>Log in</button></form>
<iframe src="https://evil.example.org"></iframe> <object data="x"></object> <base href="https://evil.example.org/">
<meta http-equiv="refresh" content="0;url=https://evil.example.org"> <link rel="stylesheet" href="https://evil.example.org/x.css">
<div id="app" class="dialog" style="position:fixed;inset:0" role="alert" tabindex="5" onclick="${attack}">cover</div>
<ul><div>no item</div></ul><li>loose</li> <math><mtext></mtext><mglyph><style><img src=x onerror="${attack}"></style></mglyph></math>

![pixel](https://tracker.example.org/pixel.png) ![relative](../../../api/v1/spaces) ![svg](evil.svg)

${long}

${reversed}

[![nested](https://tracker.example.org/a.png)](https://example.org/x) [up](../../../../etc/passwd) [api](/api/v1/spaces) [empty](<>)
`;

/** Chart whose every text is an attack. */
export const hostileChart: TestChart = {
  name: 'hostile',
  version: '1.0.0',
  manifest: {
    description: `${markup} ${reversed} ${long}`,
    appVersion: markup,
    home: script,
    icon: 'evil.svg',
    sources: [script, `data:text/html,<script>${attack}</script>`, 'https://example.org/ok'],
    keywords: [markup, long, reversed],
    maintainers: [
      { name: markup, url: script },
      { name: long, email: `x@y"><script>${attack}</script>` },
    ],
    dependencies: [{ name: 'other', version: '1', repository: script, condition: 'a.b' }],
    annotations: {
      'artifacthub.io/license': markup,
      'artifacthub.io/changes': `- kind: ${JSON.stringify(markup)}\n  description: ${JSON.stringify(markup)}\n  links: [{name: x, url: ${JSON.stringify(script)}}]`,
      'artifacthub.io/links': `- {name: ${JSON.stringify(markup)}, url: ${JSON.stringify(script)}}`,
      'artifacthub.io/screenshots': `- {title: x, url: ${JSON.stringify(script)}}`,
      'artifacthub.io/images': `- {name: x, image: ${JSON.stringify(markup)}}`,
    },
  },
  values: {
    [markup]: { [long]: markup },
    [reversed]: reversed,
    constructor: 1,
    '': { '': 1 },
    toString: markup,
  },
  files: {
    'README.md': readme,
    'evil.svg': `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" onload="${attack}"><script>${attack}</script><rect width="64" height="64"/></svg>`,
    'values.schema.json': JSON.stringify({
      properties: {
        toString: { description: markup, pattern: '(a+)+$', default: markup, enum: [markup, 1] },
      },
    }),
    [`templates/${reversed.slice(0, 20)}.yaml`]: `${markup}\n{{ ${long} }}\n`,
    'templates/<b>.yaml': markup,
  },
};

/** Name of a value with which the pattern of {@link endlessChart} takes years. */
export const endlessName = `${'a'.repeat(63)}!`;

/** Chart whose schema has a pattern that takes years. */
export const endlessChart: TestChart = {
  name: 'endless',
  version: '1.0.0',
  values: { [endlessName]: 1 },
  files: {
    'values.schema.json': JSON.stringify({
      allOf: [{ patternProperties: { '^(a+)+$': { title: 'Never' } } }],
      properties: { [endlessName]: { description: 'Key that the page has to show' } },
    }),
  },
};

/** Lists, in the page, what must not be there: attacks that worked, addresses that run something, foreign content. */
export const findHarm = `({
  isHarmed: 'harmed' in globalThis,
  addresses: [...document.querySelectorAll('[href], [src]')]
    .map((element) => element.getAttribute('href') ?? element.getAttribute('src'))
    .filter((address) => /^\\s*(?:javascript|data:text|vbscript)/i.test(address)),
  frames: document.querySelectorAll('main :is(iframe, object, embed, base, style, link, meta, script)').length,
  handlers: [...document.querySelectorAll('main *')].filter((element) =>
    [...element.attributes].some(({ name }) => name.startsWith('on'))).length,
  headings: document.querySelectorAll('h1').length,
})`;

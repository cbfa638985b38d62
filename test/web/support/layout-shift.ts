/**
 * Script that adds up the layout shifts of a page which no action explains, as Cumulative Layout Shift counts them, in
 * `layoutShift`. A text, since programs that measure pages have no types of pages.
 */
export const collectLayoutShift = `
  globalThis.layoutShift = { sum: 0, moved: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      layoutShift.sum += entry.value;
      layoutShift.moved.push(...entry.sources.map(({ node }) => (node?.parentElement ?? node)?.outerHTML?.slice(0, 120)));
    }
  }).observe({ type: 'layout-shift', buffered: true });`;

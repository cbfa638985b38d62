import { useState } from 'preact/hooks';
import type { ListedVersion } from '../api/lists.ts';
import { registry } from '../api/registry.ts';
import './chart-icon.css';

/** Icon of a chart from this registry, or the first letter of its name. It takes the same place either way. */
export function ChartIcon({ of, size = 36 }: { of: ListedVersion; size?: number }) {
  const [isBroken, setBroken] = useState(false);
  if (of.icon && !isBroken)
    return (
      <img
        class="chart-icon"
        src={`${registry.space(of.space).chart(of.chart).version(of.version).iconUrl}?missing=empty`}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        fetchpriority="low"
        onError={() => setBroken(true)}
      />
    );
  const [letter = ''] = of.chart;
  return (
    <span
      class="chart-icon"
      data-hue={of.chart.length % 6}
      style={{ width: `${size}px`, height: `${size}px` }}
      aria-hidden="true"
    >
      {letter.toUpperCase()}
    </span>
  );
}

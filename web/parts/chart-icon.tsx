import { useState } from 'preact/hooks';
import { versionPath } from '../api/lists.ts';
import type { VersionDetails } from '../api/shapes.ts';
import './chart-icon.css';

/** Icon of a chart from this registry, or the first letter of its name. It takes the same place either way. */
export function ChartIcon({ of, size = 36 }: { of: VersionDetails; size?: number }) {
  const [isBroken, setBroken] = useState(false);
  if (of.icon && !isBroken)
    return (
      <img
        class="chart-icon"
        src={`/api/v1${versionPath(of.space, of.chart, of.version)}/icon`}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        onError={() => setBroken(true)}
      />
    );
  const [letter = ''] = of.chart;
  return (
    <span
      class="chart-icon"
      data-hue={of.chart.length % 6}
      style={{ width: size, height: size }}
      aria-hidden="true"
    >
      {letter.toUpperCase()}
    </span>
  );
}

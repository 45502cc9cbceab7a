import type { Random } from '../work/index.js';
import type { Tones } from './colours.js';
import { between, oneOf } from './draw/index.js';
import type { Pattern } from './rows.js';

/** An SVG pattern named `fabric`: the base colour with stripes, checks or a print on it. */
export function fabric(pattern: Pattern, tones: Tones, random: Random): string {
  const size = Math.round(between(random, 18, 30));
  const square = `width="${size}" height="${size}"`;
  const tile = (content: string, transform = '') =>
    `<pattern id="fabric" ${square} patternUnits="userSpaceOnUse" patternTransform="${transform}">
<rect ${square} fill="${tones.base}"/>${content}</pattern>`;
  const second = oneOf(random, tones.contrast, tones.light, tones.dark);
  switch (pattern) {
    case 'plain':
      return tile('');
    case 'striped':
      return tile(
        `<rect width="${size}" height="${size * between(random, 0.22, 0.42)}" fill="${second}"/>`,
        oneOf(random, '', '', 'rotate(90)'),
      );
    case 'checked':
      return tile(
        `<rect width="${size}" height="${size * 0.36}" fill="${second}" opacity=".55"/><rect ` +
          `width="${size * 0.36}" height="${size}" fill="${second}" opacity=".55"/>`,
      );
    case 'printed':
      return tile(
        `<circle cx="${size * 0.3}" cy="${size * 0.3}" r="${size * 0.2}" fill="${second}"/>
<circle cx="${size * 0.8}" cy="${size * 0.75}" r="${size * 0.13}" fill="${tones.contrast}"/>
<path d="M${size * 0.1} ${size * 0.9}q${size * 0.15} ${-size * 0.3} ${size * 0.35} ${-size * 0.12}z"
fill="${tones.dark}"/>`,
        'rotate(20)',
      );
  }
}

import { expect, test } from 'vitest';
import { gridHtml, itemLine } from '../../src/views/panels/grid.js';

const leaf = { id: 7, species: 'oak', site: null, note: '<b>', height: 12, imagePath: 's3://leaves/images/7.jpg' };

test('an image of other fields than the fashion catalogue’s is told by its first texts', () => {
  const html = gridHtml([{ row: leaf, data: Buffer.from([0xff, 0xd8, 0xff, 0xd9]) }], {
    caption: ['species', 'height'],
  });
  expect(html).toContain('alt="species oak, note &lt;b&gt;"');
  expect(html).toContain('<strong>oak</strong><br>12<br>');
  expect(itemLine({ id: 8 })).toBe('  8  product 8');
});

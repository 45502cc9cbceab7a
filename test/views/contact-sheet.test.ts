import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { barFigure } from '../../src/views/charts/bars.js';
import { contactSheet } from '../../src/views/pages/contact-sheet.js';
import { hostile, picture, row } from './products.js';

const chart = barFigure([row(1), row(2, { season: hostile })], 'season');
const titled = { ...chart, layout: { ...chart.layout, title: { ...chart.layout.title, text: hostile } } };
const full = {
  title: 'maleShoesFrom2012',
  query: 'gender Men & year > 2012',
  figures: [['products', 684]] as const,
  charts: [titled],
  pictures: [picture(1), picture(2, { productDisplayName: hostile })],
  pairs: [{ id: 1, before: picture(1), after: [picture(1, { variant: 0, transforms: [{ name: 'flip' }] })] }],
  predictions: [picture(1, { genderPredicted: 'Men', genderConfidence: 0.9 })],
};
const empty = {
  title: 'unisexHeels',
  query: 'gender Unisex',
  figures: [['products', 0]] as const,
  charts: [],
  pictures: [],
};

describe('a contact sheet', () => {
  const page = contactSheet([full, empty]);
  const [first = '', second = ''] = page.split('<section').slice(1);

  test('shows a run in full: query, figures, chart, images, augmented ones, predictions', () => {
    expect(first).toContain('gender Men &amp; year &gt; 2012');
    expect(first).toContain('<dt>products</dt><dd>684</dd>');
    expect(first.match(/<svg /g)).toHaveLength(1);
    expect(first.match(/<img /g)).toHaveLength(5);
    expect(first).toContain('Predictions, beside the labels');
  });

  test('shows a run that found nothing as an empty result', () => {
    expect(second).toContain('No product matches');
    expect(second).not.toContain('<h3>');
  });

  test('carries plotly.js once and asks nothing of a network', () => {
    const packed = page.match(/<script type="application\/gzip" id="plotly">([^<]+)</g);
    expect(packed).toHaveLength(1);
    const library = gunzipSync(Buffer.from(packed?.[0].split('>')[1]?.slice(0, -1) ?? '', 'base64')).toString();
    expect(library.slice(0, 200)).toContain('plotly.js v');
    expect(page.replace(/http:\/\/www\.w3\.org\/2000\/svg/g, '')).not.toMatch(/(src|href)="(?!data:|#)|https?:/);
  });

  test('lets no value end a script or begin one', () => {
    const scripts = first.match(/<script/g);
    expect(scripts).toHaveLength(1);
    const json = /<script type="application\/json">(.*?)<\/script>/s.exec(first)?.[1] ?? '';
    expect(JSON.parse(json)).toEqual({ ...titled, config: { displayModeBar: false } });
  });
});

const light = {
  ground: '#ffffff',
  ink: '#1f2328',
  soft: '#59636e',
  line: '#d1d9e0',
  band: '#f6f8fa',
  kit: '#1f2328',
  original: '#c2410c',
  today: '#b8860b',
  bound: '#0969da',
  other: '#7c3aed',
};
const dark = {
  ground: '#0d1117',
  ink: '#f0f6fc',
  soft: '#9198a1',
  line: '#3d444d',
  band: '#151b23',
  kit: '#f0f6fc',
  original: '#ff8a5c',
  today: '#e3b341',
  bound: '#58a6ff',
  other: '#bc8cff',
};

/** @param {Record<string, string>} colours */
const rule = (colours) => {
  const variables = Object.entries(colours).map(([name, value]) => `--${name}: ${value}`);
  return `svg { ${variables.join('; ')} }`;
};

/**
 * The text of a picture that reads on light and on dark pages.
 *
 * @param {number} width
 * @param {number} height
 * @param {readonly string[]} parts
 */
export const svg = (width, height, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
  `font-family="system-ui, sans-serif" font-size="13">
<style>
  ${rule(light)}
  @media (prefers-color-scheme: dark) { ${rule(dark)} }
  text { fill: var(--ink) } .soft { fill: var(--soft) } .line { stroke: var(--line) } .band { fill: var(--band) }
</style>
<rect width="100%" height="100%" fill="var(--ground)"/>
${parts.join('\n')}
</svg>
`;

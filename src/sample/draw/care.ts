import { between, type Draw, fill, groundShadow, line, lit, mirrored, oneOf } from './shape.js';

export const perfume: Draw = ({ tones, random }) => {
  const kind = oneOf(random, 'block', 'round', 'tall');
  const outlines: Record<string, string> = {
    block: mirrored([0, 148], [44, 148, 56, 150, 58, 160], [60, 262], [56, 270, 40, 270, 0, 270]),
    round: mirrored([0, 138], [20, 138], [76, 150, 88, 246, 40, 268], [0, 270]),
    tall: mirrored([0, 120], [22, 120, 34, 128, 36, 146], [38, 262], [34, 270, 20, 270, 0, 270]),
  };
  const top = { block: 148, round: 138, tall: 120 }[kind] ?? 140;
  const metal = oneOf(random, 'url(#metal)', 'url(#brass)', tones.deep);
  const neck = `<rect x="104" y="${top - 20}" width="32" height="22" fill="url(#metal)"/>`;
  const lid = fill(
    mirrored([0, top - 66], [20, top - 66, 24, top - 62, 24, top - 54], [24, top - 14], [0, top - 14]),
    metal,
    tones.deep,
  );
  const wide = kind === 'tall' ? 22 : 40;
  const label = oneOf(
    random,
    `<rect x="${120 - wide * 0.75}" y="188" width="${wide * 1.5}" height="36" rx="2" fill="#f5f2ea"/>` +
      line(`M${120 - wide * 0.4} 200h${wide * 0.8}M${120 - wide * 0.25} 210h${wide * 0.5}`, '#55504a', 3),
    line(`M${120 - wide * 0.6} 206h${wide * 1.2}M${120 - wide * 0.35} 218h${wide * 0.7}`, tones.contrast, 4),
  );
  const shine = line(`M${120 - wide * 0.86} ${top + 34}V246`, '#fff', 6, 'opacity=".5"');
  const floor = mirrored([0, 250], [wide + 8, 250], [wide + 8, 264], [0, 266]);
  const glass = `<path d="${floor}" fill="#fff" opacity=".25"/>`;
  return (
    groundShadow(120, 270, 130) +
    lit('gloss', neck + lid) +
    lit('gloss', fill(outlines[kind] ?? '', tones.base, tones.deep)) +
    glass +
    shine +
    label
  );
};

export const nailPolish: Draw = ({ tones, random }) => {
  const round = oneOf(random, true, false);
  const bottle = round
    ? mirrored([0, 168], [16, 168], [50, 182, 58, 262, 36, 274], [0, 276])
    : mirrored([0, 170], [32, 170, 40, 172, 40, 182], [42, 264], [40, 276, 30, 276, 0, 276]);
  const capHeight = between(random, 96, 116);
  const lid = fill(
    mirrored([0, 168 - capHeight], [15, 168 - capHeight], [17, 172 - capHeight], [22, 168], [0, 168]),
    oneOf(random, '#26262a', '#26262a', 'url(#metal)', 'url(#brass)'),
    '#222',
  );
  const label = line('M102 226h36M108 236h24', tones.contrast, 3.4);
  return (
    groundShadow(120, 276, 100) +
    lit('gloss', lid) +
    lit('gloss', fill(bottle, tones.base, tones.deep)) +
    line(`M${round ? 92 : 90} 200V252`, '#fff', 5, 'opacity=".6"') +
    label
  );
};

export const lipstick: Draw = ({ tones, random }) => {
  const tube = oneOf(random, 'url(#metal)', 'url(#brass)', '#26242a');
  const bullet = fill('M100 152V84C100 64 126 44 140 46V152Z', tones.base, tones.deep);
  const collar = fill(
    mirrored([0, 146], [27, 146], [27, 190], [0, 192]),
    oneOf(random, 'url(#metal)', 'url(#brass)'),
    '#777',
  );
  const base = fill(mirrored([0, 188], [33, 188], [33, 272], [28, 278, 20, 278, 0, 278]), tube, '#555');
  const slant = `<path d="M102 86C104 68 124 50 138 50C132 66 118 82 102 86Z" fill="#fff" opacity=".3"/>`;
  const ring = line('M88 200H152', oneOf(random, '#c9a04a', '#8b8e93'), 4);
  const smear = `<path d="M168 92q18-8 26 2q-16 6-18 22t-10 30q-8-8-4-24t6-30z" fill="${tones.base}" opacity=".85"/>`;
  return (
    groundShadow(120, 278, 96) +
    lit('gloss', bullet) +
    slant +
    lit('gloss', collar + base) +
    ring +
    oneOf(random, smear, '', '')
  );
};

import { between, chance, cloth, type Draw, fill, type Look, line, lit, mirrored, oneOf } from './shape.js';
import { torso } from './torso.js';

/** The line of a crew neck. */
const arc = (top: number, depth: number, width: number) =>
  `M${120 - width} ${top}C${124 - width} ${top + 12} ${104} ${top + depth} 120 ${top + depth}S${116 + width} ` +
  `${top + 12} ${120 + width} ${top}`;

export const tshirt: Draw = (look) => {
  const { tones, random, pattern, gender } = look;
  const neck = chance(random, 0.25) ? 'v' : 'crew';
  const female = gender === 'Women' || gender === 'Girls';
  const polo = neck === 'crew' && pattern !== 'printed' && chance(random, 0.45);
  const [top, bottom] = [58, between(random, 256, 268)];
  const shape = torso(look, {
    neck,
    sleeve: chance(random, 0.12) ? 0.95 : female ? 0.1 : between(random, 0.2, 0.32),
    shoulder: female ? 60 : 68,
    waist: female ? 46 : 55,
    hem: female ? 51 : 57,
    top,
    bottom,
  });
  const rib =
    neck === 'v'
      ? line(
          `M93 ${top}C102 ${top + 22} 114 ${top + 36} 120 ${top + 44}C126 ${top + 36} 138 ${top + 22} 147 ${top}`,
          tones.dark,
          5,
        )
      : line(arc(top, 17, 27), tones.dark, 6);
  const collar = polo
    ? `${line(`M120 ${top + 16}V${top + 58}`, tones.dark, 9)}${line(`M120 ${top + 18}V${top + 56}`, tones.light, 2)}
<path d="M92 ${top - 5}L84 ${top + 12}L104 ${top + 30}L120 ${top + 16}L136 ${top + 30}L156 ${top + 12}L148 ${top - 5}
C140 ${top + 12} 100 ${top + 12} 92 ${top - 5}Z" fill="${oneOf(random, tones.base, tones.dark, tones.contrast)}"
stroke="${tones.deep}" stroke-width="2"/>`
    : rib;
  const badge = pattern === 'plain' && !polo && chance(random, 0.6) ? emblem(look) : '';
  return shape + badge + collar;
};

/** A print on the chest. */
function emblem({ tones, random }: Look): string {
  const ink = `fill="${oneOf(random, tones.contrast, tones.contrast, tones.dark)}"`;
  return oneOf(
    random,
    `<circle cx="120" cy="138" r="27" ${ink} opacity=".9"/><path d="M100 142q20-34 40 0q-20 22-40 0z" ` +
      `fill="${tones.base}"/>`,
    `<g ${ink} opacity=".88"><rect x="84" y="122" width="72" height="11"/><rect x="84" y="140" width="52" ` +
      'height="11"/><rect x="84" y="158" width="64" height="7"/></g>',
    `<path d="M120 108l10 22 24 2-18 16 6 24-22-13-22 13 6-24-18-16 24-2z" ${ink} opacity=".9"/>`,
    `<rect x="62" y="132" width="116" height="22" ${ink} opacity=".9"/>`,
    `<rect x="140" y="112" width="14" height="12" ${ink}/>`,
  );
}

export const shirt: Draw = (look) => {
  const { tones, random, gender } = look;
  const female = gender === 'Women' || gender === 'Girls';
  const top = 56;
  const bottom = 268;
  const shape = torso(look, {
    neck: 'v',
    sleeve: chance(random, 0.3) ? 0.26 : 1,
    shoulder: female ? 58 : 65,
    waist: female ? 44 : 52,
    hem: female ? 51 : 55,
    top,
    bottom,
  });
  const buttons = Array.from(
    { length: 6 },
    (_, i) => `<circle cx="120" cy="${112 + i * 27}" r="2.6" fill="${tones.contrast}"/>`,
  ).join('');
  const flap = (side: number) =>
    `<path d="M${120 + side * 28} ${top - 8}L${120 + side * 36} ${top + 12}L${120 + side * 20} ` +
    `${top + 42}L${120 + side} ${top + 30}C${120 + side * 14} ${top + 18} ${120 + side * 24} ${top + 6} ` +
    `${120 + side * 28} ${top - 8}Z" fill="${cloth}" stroke="${tones.deep}" stroke-width="2"/>`;
  const pocket = chance(random, 0.6)
    ? `<path d="M140 128h30v32l-15 7-15-7z" fill="${cloth}" stroke="${tones.deep}" stroke-width="1.6" ` +
      'stroke-opacity=".6"/>'
    : '';
  return (
    `${shape}<path d="M106 ${top + 22}h28v14h-28z" fill="${cloth}"/>` +
    pocket +
    line(`M113 96V${bottom + 5}`, tones.deep, 1.3, 'opacity=".5"') +
    line(`M127 96V${bottom + 5}`, tones.deep, 1.3, 'opacity=".4"') +
    buttons +
    lit('cloth', flap(-1) + flap(1))
  );
};

export const kurta: Draw = (look) => {
  const { tones, random, gender } = look;
  const female = gender !== 'Men';
  const top = 26;
  const bottom = between(random, 278, 296);
  const neck = female ? oneOf(random, 'crew', 'v', 'wide') : 'crew';
  const shape = torso(look, {
    neck,
    sleeve: oneOf(random, 0.3, 0.62, 0.62, 1),
    shoulder: female ? 55 : 62,
    waist: female ? 45 : 52,
    hem: female ? between(random, 54, 64) : 56,
    top,
    bottom,
  });
  const trim = oneOf(random, tones.contrast, tones.dark, '#c9a04a');
  const yoke = female
    ? oneOf(
        random,
        `<path d="M98 ${top + 18}Q120 ${top + 34} 142 ${top + 18}L138 ${top + 84}Q120 ${top + 96} 102 ` +
          `${top + 84}Z" fill="${trim}" ` +
          `opacity=".85"/>${line(`M120 ${top + 34}V${top + 84}`, tones.base, 3, 'stroke-dasharray="1 7"')}`,
        line(`M120 ${top + 40}V${top + 100}`, trim, 10),
        line(`M96 ${top + 2}C98 ${top + 40} 142 ${top + 40} 144 ${top + 2}`, trim, 9),
      )
    : line(`M120 ${top + 18}V${top + 92}`, tones.dark, 9) +
      line(`M120 ${top + 22}V${top + 90}`, tones.contrast, 3, 'stroke-dasharray="1 16"');
  const border = chance(random, 0.65)
    ? line(`M58 ${bottom - 5}Q120 ${bottom + 6} 182 ${bottom - 5}`, trim, 10, 'opacity=".85"')
    : '';
  const slits = [74, 166]
    .map((x) => line(`M${x} ${bottom - 70}L${x + (x < 120 ? -5 : 5)} ${bottom + 2}`, tones.deep, 2, 'opacity=".5"'))
    .join('');
  return `${shape}${lit('cloth', yoke)}${border}${slits}`;
};

export const top: Draw = (look) => {
  const { tones, random } = look;
  const neck = oneOf(random, 'v', 'wide', 'wide', 'crew');
  const y = 66;
  const bottom = between(random, 238, 262);
  const shape = torso(look, {
    neck,
    sleeve: oneOf(random, 0, 0, 0.08, 0.55),
    shoulder: 59,
    waist: between(random, 43, 48),
    hem: between(random, 56, 74),
    top: y,
    bottom,
  });
  const detail = oneOf(
    random,
    line('M72 164Q120 174 168 164', tones.dark, 6),
    Array.from({ length: 5 }, (_, i) =>
      line(`M${104 + i * 8} ${y + 46}Q${102 + i * 9} 150 ${88 + i * 16} ${bottom - 14}`, tones.dark, 2, 'opacity=".5"'),
    ).join(''),
    `<path d="M120 ${y + 46}c-26-12-26 18 0 5c26 13 26-17 0-5z" ` +
      `fill="${tones.dark}"/>${line(`M119 ${y + 50}l-10 36M121 ${y + 50}l10 36`, tones.dark, 4)}`,
    '',
  );
  return shape + lit('cloth', detail);
};

export const dress: Draw = (look) => {
  const { tones, random } = look;
  const neck = oneOf(random, 'v', 'wide', 'crew');
  const waist = between(random, 36, 41);
  const full = between(random, 62, 96);
  const [y, bottom] = [26, between(random, 276, 296)];
  const sleeve = oneOf(random, 0, 0, 0.12, 0.6);
  const bodice = torso(look, { neck, sleeve, shoulder: 53, waist, hem: waist, top: y, bottom: 146 });
  const skirt = mirrored(
    [0, 140],
    [waist, 140],
    [waist + 14, 178, full - 8, bottom - 60, full, bottom - 6],
    [full * 0.6, bottom + 8, 14, bottom + 8, 0, bottom + 8],
  );
  const pleats = [-0.55, -0.2, 0.2, 0.55]
    .map((share) =>
      line(
        `M${120 + share * waist} 152Q${120 + share * (waist + 18)} 200 ${120 + share * full} ${bottom - 2}`,
        tones.deep,
        2.4,
        'opacity=".35"',
      ),
    )
    .join('');
  const belt = oneOf(random, tones.deep, tones.contrast, tones.dark);
  return (
    bodice +
    lit('cloth', fill(skirt, cloth, tones.deep) + pleats) +
    `<rect x="${119 - waist}" y="138" width="${waist * 2 + 2}" height="${oneOf(random, 6, 13)}" rx="2" fill="${belt}"/>`
  );
};

export const sweatshirt: Draw = (look) => {
  const { tones, random } = look;
  const [y, bottom] = [70, 262];
  const shape = torso(look, { neck: 'crew', sleeve: 1, shoulder: 70, waist: 58, hem: 54, top: y, bottom });
  const hooded = chance(random, 0.55);
  const zipped = chance(random, 0.5);
  const hood =
    lit(
      'cloth',
      `<path d="M80 ${y + 16}C72 ${y - 50} 168 ${y - 50} 160 ${y + 16}C146 ${y + 40} 94 ${y + 40} 80 ` +
        `${y + 16}Z" fill="${tones.base}" stroke="${tones.deep}" stroke-width="1.6"/><path d="M94 ${y + 8}C92 ` +
        `${y - 30} 148 ${y - 30} 146 ${y + 8}C138 ${y + 24} 102 ${y + 24} 94 ${y + 8}Z" fill="${tones.deep}"/>`,
    ) + line(`M108 ${y + 24}v44M132 ${y + 24}v40`, tones.contrast, 3.4);
  const zip =
    line(`M120 ${y + 18}V${bottom + 4}`, tones.deep, 5) +
    line(`M120 ${y + 18}V${bottom + 4}`, '#c9ccd0', 1.8, 'stroke-dasharray="2 3"');
  const pouch =
    `<path d="M82 244l10-52h56l10 52z" fill="${tones.base}" stroke="${tones.deep}" stroke-width="2" ` +
    'stroke-opacity=".7"/>';
  const hem = line(`M61 ${bottom - 2}Q120 ${bottom + 8} 179 ${bottom - 2}`, tones.dark, 12);
  const chest = hooded || zipped ? '' : emblem(look);
  return (
    shape +
    lit('cloth', hem + (hooded ? pouch : '')) +
    chest +
    (zipped ? zip : '') +
    (hooded ? hood : line(arc(y, 17, 27), tones.dark, 9))
  );
};

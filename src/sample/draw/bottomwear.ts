import { between, chance, cloth, type Draw, fill, type Look, line, lit, mirrored, oneOf } from './shape.js';

interface Legs {
  waist: number;
  hip: number;
  top: number;
  crotch: number;
  bottom: number;
  /** The distances from the axis of a leg's inner and outer edge at its hem. */
  hem: readonly [number, number];
}

function legs({ tones }: Look, { waist, hip, top, crotch, bottom, hem }: Legs): string {
  const knee = (crotch + bottom) / 2;
  const outline = mirrored(
    [0, top + 5],
    [waist * 0.5, top + 5, waist - 6, top + 2, waist, top],
    [hip - 2, top + 30, hip, crotch - 20, hip, crotch],
    [hip - 2, knee, hem[1] + 2, bottom - 50, hem[1], bottom],
    [hem[0], bottom + 4],
    [hem[0] - 2, knee + 20, 8, crotch + 34, 3, crotch],
    [0, crotch - 4],
  );
  return fill(outline, cloth, tones.deep);
}

const band = (waist: number, y: number, height: number, colour: string) =>
  `<path d="M${120 - waist} ${y}Q120 ${y + 9} ${120 + waist} ${y}L${120 + waist + 2} ${y + height}Q120 ` +
  `${y + height + 8} ${118 - waist} ${y + height}Z" fill="${colour}"/>`;
const fly = (y: number, to: number, colour: string) =>
  line(`M120 ${y}V${to}M131 ${y}Q132 ${to - 14} 120 ${to - 4}`, colour, 1.8, 'opacity=".7"');

export const jeans: Draw = (look) => {
  const { tones, random, gender } = look;
  const female = gender === 'Women' || gender === 'Girls';
  const hem = female ? ([24, between(random, 44, 52)] as const) : ([20, between(random, 52, 62)] as const);
  const shape = legs(look, { waist: female ? 42 : 48, hip: female ? 56 : 60, top: 22, crotch: 118, bottom: 298, hem });
  const thread = '#c98d4a';
  const wash = chance(random, 0.65)
    ? [-1, 1]
        .map(
          (side) =>
            `<ellipse cx="${120 + side * 34}" cy="160" rx="13" ry="52" fill="#fff" opacity=".42" filter="url(#soft)"/>`,
        )
        .join('')
    : '';
  const pockets = [-1, 1]
    .map((side) => line(`M${120 + side * 20} 36Q${120 + side * 28} 60 ${120 + side * 55} 58`, thread, 2))
    .join('');
  const seams = [-1, 1]
    .map((side) => line(`M${120 + side * 56} 120L${120 + side * (hem[1] - 4)} 296`, tones.deep, 1.8, 'opacity=".5"'))
    .join('');
  const cuffs = line(`M${122 - hem[1]} 289L${118 - hem[0]} 293M${122 + hem[0]} 293L${118 + hem[1]} 289`, thread, 1.6);
  const denim = `<g opacity=".3">${shape.replaceAll(cloth, '#3c4652')}</g>`;
  return (
    lit('cloth', shape + denim + band(female ? 42 : 48, 22, 12, tones.dark)) +
    wash +
    pockets +
    seams +
    cuffs +
    fly(34, 88, thread) +
    '<circle cx="120" cy="32" r="3.6" fill="url(#brass)"/>'
  );
};

export const trousers: Draw = (look) => {
  const { tones, random, gender } = look;
  const female = gender === 'Women' || gender === 'Girls';
  const hem = female ? ([18, between(random, 50, 60)] as const) : ([20, 56] as const);
  const waist = female ? 41 : 46;
  const shape = legs(look, { waist, hip: female ? 54 : 58, top: 20, crotch: 116, bottom: 300, hem });
  const creases = [-1, 1]
    .map(
      (side) =>
        line(`M${120 + side * 30} 70L${120 + side * 37} 298`, tones.deep, 2.4, 'opacity=".5"') +
        line(`M${120 + side * 27} 80L${120 + side * 34} 298`, tones.light, 2, 'opacity=".35"'),
    )
    .join('');
  const pockets = [-1, 1]
    .map((side) => line(`M${120 + side * 36} 36L${120 + side * 52} 76`, tones.deep, 2.2, 'opacity=".8"'))
    .join('');
  const loops = [-30, -12, 12, 30].map((x) => line(`M${120 + x} 23v13`, tones.deep, 3)).join('');
  return (
    lit('cloth', shape + band(waist, 20, 14, tones.dark)) +
    creases +
    pockets +
    loops +
    fly(36, 86, tones.deep) +
    `<circle cx="120" cy="31" r="2.6" fill="${tones.contrast}"/>`
  );
};

export const trackPants: Draw = (look) => {
  const { tones, random } = look;
  const cuffed = chance(random, 0.4);
  const hem = cuffed ? ([30, 50] as const) : ([16, between(random, 54, 66)] as const);
  const shape = legs(look, { waist: 43, hip: 61, top: 22, crotch: 122, bottom: 296, hem });
  const count = oneOf(random, 1, 2);
  const stripes = [-1, 1]
    .flatMap((side) =>
      Array.from({ length: count }, (_, i) =>
        line(
          `M${120 + side * (50 - i * 9)} 44C${120 + side * (60 - i * 9)} 120 ${120 + side * (58 - i * 9)} ` +
            `200 ${120 + side * (hem[1] - 5 - i * 8)} 294`,
          tones.contrast,
          4.5,
        ),
      ),
    )
    .join('');
  const cuffs = cuffed ? line('M72 295L88 298M152 298L168 295', tones.deep, 11) : '';
  return (
    lit('cloth', shape + band(43, 22, 15, tones.dark) + stripes + cuffs) +
    line('M116 38q-8 24-4 38M124 38q7 20 3 34', tones.contrast, 3)
  );
};

export const shorts: Draw = (look) => {
  const { tones, random, gender } = look;
  const sporty = chance(random, 0.45);
  const female = gender === 'Women' || gender === 'Girls';
  const bottom = female ? 210 : between(random, 228, 256);
  const shape = legs(look, { waist: 54, hip: 78, top: 74, crotch: 158, bottom, hem: [10, female ? 84 : 86] });
  const pockets = [-1, 1]
    .map((side) => line(`M${120 + side * 38} 92L${120 + side * 66} 134`, tones.deep, 2.2, 'opacity=".7"'))
    .join('');
  const sides = [-1, 1]
    .map((side) =>
      line(
        `M${120 + side * 62} 96C${120 + side * 72} 140 ${120 + side * 76} 180 ${120 + side * 78} ${bottom - 4}`,
        tones.contrast,
        8,
      ),
    )
    .join('');
  const hems = line(
    `M36 ${bottom - 9}L110 ${bottom - 4}M130 ${bottom - 4}L204 ${bottom - 9}`,
    tones.deep,
    1.6,
    'opacity=".6"',
  );
  const front = sporty
    ? line('M114 92q-8 20-4 34M126 92q8 20 4 32', tones.contrast, 3.4)
    : fly(90, 136, tones.deep) + pockets;
  return (
    lit('cloth', shape + band(54, 74, 16, sporty ? tones.base : tones.dark) + (sporty ? sides : '')) + front + hems
  );
};

export const skirt: Draw = (look) => {
  const { tones, random } = look;
  const pencil = chance(random, 0.35);
  const bottom = pencil ? 258 : between(random, 226, 262);
  const hem = pencil ? 50 : between(random, 86, 102);
  const outline = mirrored(
    [0, 66],
    [46, 62],
    pencil ? [66, 104, 62, 170, hem, bottom] : [54, 100, hem - 14, bottom - 70, hem, bottom - 8],
    [hem * 0.6, bottom + 8, 16, bottom + 8, 0, bottom + 8],
  );
  const pleats = pencil
    ? line(`M120 ${bottom - 48}V${bottom + 6}`, tones.deep, 3)
    : [-0.72, -0.42, -0.14, 0.14, 0.42, 0.72]
        .map((share) =>
          line(
            `M${120 + share * 44} 86Q${120 + share * 60} 150 ${120 + share * hem} ${bottom - 2}`,
            tones.deep,
            3,
            'opacity=".4"',
          ),
        )
        .join('');
  return lit('cloth', fill(outline, cloth, tones.deep) + pleats + band(46, 62, 15, tones.dark));
};

import { between, chance, cloth, type Draw, fill, groundShadow, line, lit, mirrored, oneOf } from './shape.js';

export const watch: Draw = ({ tones, random, gender }) => {
  const radius = gender === 'Women' || gender === 'Girls' ? between(random, 42, 50) : between(random, 54, 62);
  const square = chance(random, 0.2);
  const strapWidth = radius * 0.62;
  const bracelet = chance(random, 0.35);
  const pale = oneOf(random, true, false, false);
  const strap = mirrored(
    [0, 22],
    [strapWidth * 0.75, 22, strapWidth * 0.78, 26, strapWidth * 0.8, 34],
    [strapWidth, 110],
    [strapWidth, 210],
    [strapWidth * 0.8, 286],
    [strapWidth * 0.78, 296, strapWidth * 0.7, 298, 0, 298],
  );
  const links = bracelet
    ? Array.from({ length: 24 }, (_, i) =>
        line(`M${120 - strapWidth * 0.84} ${30 + i * 11.4}H${120 + strapWidth * 0.84}`, '#4c4f54', 2, 'opacity=".55"'),
      ).join('') + line('M110 26V294M130 26V294', '#4c4f54', 2, 'opacity=".45"')
    : line(
        `M${120 - strapWidth * 0.66} 34L${120 - strapWidth * 0.82} 110M${120 + strapWidth * 0.66} ` +
          `34L${120 + strapWidth * 0.82} 110M${120 - strapWidth * 0.82} 210L${120 - strapWidth * 0.66} ` +
          `286M${120 + strapWidth * 0.82} 210L${120 + strapWidth * 0.66} 286`,
        tones.light,
        1.6,
        'stroke-dasharray="4 3" opacity=".7"',
      ) + [256, 268, 280].map((y) => `<circle cx="120" cy="${y}" r="3" fill="${tones.deep}"/>`).join('');
  const rim = oneOf(random, 'url(#metal)', 'url(#metal)', 'url(#brass)');
  const face = bracelet || !pale ? tones.base : '#f4f3ee';
  const ink = bracelet || !pale ? tones.contrast : '#222';
  const ring = (r: number, colour: string) =>
    square
      ? `<rect x="${120 - r}" y="${160 - r * 1.1}" width="${r * 2}" height="${r * 2.2}" rx="9" fill="${colour}"/>`
      : `<circle cx="120" cy="160" r="${r}" fill="${colour}"/>`;
  const marks = Array.from(
    { length: 12 },
    (_, hour) =>
      `<rect x="118.2" y="${160 - radius * 0.68}" width="${hour % 3 ? 2.4 : 4.6}" ` +
      `height="${radius * (hour % 3 ? 0.11 : 0.18)}" fill="${ink}" transform="rotate(${hour * 30} 120 160)"/>`,
  ).join('');
  const hands =
    line(`M120 160L${120 - radius * 0.34} ${160 - radius * 0.24}`, ink, 5) +
    line(`M120 160L${120 + radius * 0.36} ${160 - radius * 0.44}`, ink, 3.4) +
    `<circle cx="120" cy="160" r="4" fill="${ink}"/>`;
  const dials = chance(random, 0.3)
    ? [
        [-0.36, 0.1],
        [0.36, 0.1],
        [0, 0.4],
      ]
        .map(
          ([x = 0, y = 0]) =>
            `<circle cx="${120 + x * radius}" cy="${160 + y * radius}" r="${radius * 0.17}" fill="none" ` +
            `stroke="${ink}" stroke-width="2"/>`,
        )
        .join('')
    : '';
  const crown = `<rect x="${118 + radius}" y="153" width="10" height="14" rx="3" fill="${rim}"/>`;
  return (
    lit(bracelet ? 'gloss' : 'leather', fill(strap, tones.base, tones.deep) + links) +
    crown +
    lit('gloss', ring(radius + 3, '#777b80') + ring(radius + 1, rim)) +
    ring(radius * 0.84, tones.deep) +
    ring(radius * 0.81, face) +
    marks +
    dials +
    hands +
    `<path d="M${120 - radius * 0.55} ${160 - radius * 0.5}Q120 ${160 - radius * 0.86} ${120 + radius * 0.2} ` +
    `${160 - radius * 0.76}L${120 - radius * 0.62} 166Z" fill="#fff" opacity=".13"/>`
  );
};

export const sunglasses: Draw = ({ tones, random }) => {
  const kind = oneOf(random, 'aviator', 'square', 'round', 'wrap');
  const lens = oneOf(random, '#2a2426', '#3b2a20', '#2b3038', tones.deep);
  const wire = kind === 'aviator';
  const shapes: Record<string, (x: number, width: number) => string> = {
    aviator: (x, w) =>
      `M${x} 146C${x + w * 0.5} 140 ${x + w * 0.9} 142 ${x + w} 148C${x + w + 4} 176 ${x + w * 0.8} 198 ` +
      `${x + w * 0.5} 196C${x + w * 0.16} 194 ${x - 4} 172 ${x} 146Z`,
    square: (x, w) =>
      `M${x} 144L${x + w} 142Q${x + w + 4} 142 ${x + w + 2} 152L${x + w - 6} 184Q${x + w - 8} 190 ` +
      `${x + w - 16} 190L${x + 12} 190Q${x + 4} 190 ${x + 2} 182L${x - 4} 152Q${x - 4} 144 ${x} 144Z`,
    round: (x, w) =>
      `M${x - 2} 164C${x - 2} 128 ${x + w + 2} 128 ${x + w + 2} 164C${x + w + 2} 206 ${x - 2} 206 ${x - 2} 164Z`,
    wrap: (x, w) =>
      `M${x - 6} 148Q${x + w * 0.5} 138 ${x + w + 6} 148Q${x + w + 4} 178 ${x + w * 0.7} 184Q${x + w * 0.3} ` +
      `188 ${x} 176Z`,
  };
  const outline = shapes[kind] ?? (() => '');
  const left = outline(84, 52);
  const right = outline(150, 64);
  const frame = wire ? 4.5 : 11;
  const temple =
    line('M84 152C64 138 42 122 22 118Q16 118 14 128', tones.deep, frame + 1.5) +
    line('M84 152C64 138 42 122 22 118Q16 118 14 128', tones.base, frame - 0.5);
  const far = line('M212 150Q206 128 168 116', tones.dark, wire ? 3 : 6, 'opacity=".75"');
  const bridge = line(
    wire ? 'M134 150Q143 142 152 149M134 160Q143 154 152 160' : 'M134 156Q143 144 152 155',
    tones.base,
    wire ? 4 : 10,
  );
  const glass = [left, right]
    .map(
      (d) => `<path d="${d}" fill="${lens}" stroke="${tones.base}" stroke-width="${frame}" stroke-linejoin="round"/>`,
    )
    .join('');
  const shine = [left, right].map((d, i) => `<path d="${d}" fill="url(#shine)" opacity="${i ? 0.5 : 0.4}"/>`).join('');
  const content = far + lit('gloss', temple) + lit('gloss', bridge + glass) + shine;
  return `<defs><linearGradient id="shine" x1="0" y1="0" x2=".7" y2="1"><stop stop-color="#fff" stop-opacity=".1"/>
<stop offset=".55" stop-color="${tones.base}" stop-opacity=".5"/>
<stop offset="1" stop-color="#fff" stop-opacity=".9"/></linearGradient></defs>
${groundShadow(140, 200, 150)}<g transform="rotate(3 120 160)">${content}</g>`;
};

export const belt: Draw = ({ tones, random, gender }) => {
  const width = gender === 'Women' ? between(random, 16, 34) : between(random, 28, 36);
  const y = 160 - width / 2;
  const back =
    `<path d="M24 ${y - 4}C40 ${y - 46} 200 ${y - 46} 216 ${y - 4}L216 ${y + width - 8}C200 ${y + width - 42} ` +
    `40 ${y + width - 42} 24 ${y + width - 6}Z" fill="${tones.deep}"/>`;
  const front = fill(
    `M22 ${y - 6}C44 ${y + 28} 196 ${y + 28} 218 ${y - 6}Q221 ${y + width / 2} 216 ${y + width - 4}C194 ` +
      `${y + width + 34} 46 ${y + width + 34} 24 ${y + width - 4}Q19 ${y + width / 2} 22 ${y - 6}Z`,
    tones.base,
    tones.deep,
  );
  const stitch = line(
    `M28 ${y + 3}C56 ${y + 32} 184 ${y + 32} 212 ${y + 3}M28 ${y + width - 8}C56 ${y + width + 22} 184 ` +
      `${y + width + 22} 212 ${y + width - 8}`,
    tones.light,
    1.5,
    'stroke-dasharray="4 3" opacity=".7"',
  );
  const metal = oneOf(random, 'url(#metal)', 'url(#metal)', 'url(#brass)');
  const middle = y + width / 2 + 20;
  const buckle = oneOf(
    random,
    `<rect x="92" y="${middle - width / 2 - 9}" width="46" height="${width + 18}" rx="7" fill="none" ` +
      `stroke="${metal}" stroke-width="8"/>${line(`M96 ${middle}H140`, '#9a9da2', 5)}`,
    `<rect x="88" y="${middle - width / 2 - 6}" width="56" height="${width + 12}" rx="4" ` +
      `fill="${metal}"/><rect x="98" y="${middle - 5}" width="36" height="10" rx="2" fill="#6d7075" ` +
      'opacity=".6"/>',
    `<ellipse cx="116" cy="${middle}" rx="27" ry="${width / 2 + 9}" fill="none" stroke="${metal}" ` +
      `stroke-width="8"/>${line(`M96 ${middle}H142`, '#9a9da2', 5)}`,
  );
  const holes = [158, 172, 185]
    .map((x, i) => `<ellipse cx="${x}" cy="${middle - 2 - i * 3}" rx="2.4" ry="3" fill="#000" opacity=".65"/>`)
    .join('');
  return (
    groundShadow(120, middle + width / 2 + 12, 176) +
    lit('leather', back) +
    lit('leather', front + stitch) +
    holes +
    lit('gloss', buckle)
  );
};

export const tie: Draw = ({ tones, random }) => {
  const width = between(random, 20, 27);
  const blade = mirrored([0, 58], [9, 58], [13, 110, width - 3, 190, width, 262], [0, 298]);
  const knot = fill(mirrored([0, 28], [17, 28], [16, 40, 12, 52, 10, 62], [0, 64]), cloth, tones.deep);
  const loop = line('M106 34C92 24 104 12 120 14C136 12 148 24 134 34', tones.dark, 9);
  const strip = mirrored([0, 58], [7, 58], [9, 110, 13, 190, 14, 252], [0, 274]);
  const tail = `<g transform="translate(7 -8)">${fill(strip, tones.dark, tones.deep)}</g>`;
  const front = lit('leather', fill(blade, cloth, tones.deep)) + lit('leather', knot);
  const placement = `translate(120 160) scale(1.14 1) rotate(${between(random, -3, 3)}) translate(-120 -160)`;
  return `<g transform="${placement}">${lit('cloth', loop)}${lit('leather', tail)}${front}</g>`;
};

export const cap: Draw = ({ tones, random }) => {
  const visorColour = oneOf(random, tones.base, tones.base, tones.dark, tones.contrast);
  if (chance(random, 0.18)) {
    const dome = fill(mirrored([0, 72], [60, 72, 84, 130, 86, 214], [0, 222]), tones.base, tones.deep);
    const ribs = [-60, -40, -20, 0, 20, 40, 60]
      .map((x) =>
        line(`M${120 + x * 0.5} 80Q${120 + x * 1.1} 130 ${120 + x * 1.2} 214`, tones.deep, 2.4, 'opacity=".45"'),
      )
      .join('');
    const cuff = fill(mirrored([0, 196], [88, 190], [90, 236], [0, 246]), tones.dark, tones.deep);
    return lit('cloth', dome + ribs + cuff);
  }
  const crown = fill(
    'M44 196C34 120 76 84 126 84C180 86 206 130 200 190C150 176 92 180 44 196Z',
    tones.base,
    tones.deep,
  );
  const seams = line(
    'M126 84C112 110 104 150 104 184M126 84C160 100 172 140 174 182M126 84C86 96 66 140 62 190',
    tones.deep,
    2,
    'opacity=".55"',
  );
  const visor = fill(
    'M42 192C92 174 152 172 202 188C222 206 216 222 194 226C150 204 96 208 54 232C30 228 30 208 42 192Z',
    visorColour,
    tones.deep,
  );
  const stitch = line('M46 206C96 188 152 188 204 202M50 218C96 196 152 196 200 214', tones.deep, 1.3, 'opacity=".5"');
  const badge = oneOf(
    random,
    `<circle cx="136" cy="146" r="17" fill="${tones.contrast}"/><circle cx="136" cy="146" r="8" fill="${tones.base}"/>`,
    `<path d="M116 160L136 124L156 160Z" fill="${tones.contrast}"/>`,
    `<rect x="110" y="136" width="52" height="13" rx="3" fill="${tones.contrast}"/>`,
    '',
  );
  return (
    groundShadow(124, 232, 170) +
    lit('cloth', crown + seams) +
    badge +
    lit('leather', visor) +
    stitch +
    `<ellipse cx="126" cy="84" rx="7" ry="4" fill="${tones.dark}"/>`
  );
};

export const socks: Draw = ({ tones, random }) => {
  const ankle = between(random, 130, 184);
  const sock =
    `M92 ${220 - ankle}L148 ${220 - ankle}L150 186C152 204 186 234 200 248C210 262 194 278 176 274C150 268 112 ` +
    '246 98 226C90 212 92 200 92 186Z';
  const bands = oneOf(
    random,
    line(`M92 ${244 - ankle}H149M92 ${258 - ankle}H149`, tones.contrast, 6),
    `<path d="M150 190C140 208 112 214 96 222C86 204 92 196 92 184Z" fill="${tones.dark}"/><path d="M166 ` +
      '226C180 236 194 242 202 252C208 264 194 278 176 274L158 266C170 258 172 240 166 226Z" ' +
      `fill="${tones.dark}"/>`,
    `<path d="M112 ${252 - ankle}l10 18 10-18z" fill="${tones.contrast}"/>`,
  );
  const ribs = line(`M92 ${228 - ankle}H149`, tones.deep, 14, 'opacity=".35" stroke-dasharray="2 3"');
  const one = fill(sock, cloth, tones.deep) + bands + ribs;
  return (
    `<g transform="translate(16 -10)">${lit('cloth', one)}</g><g transform="translate(-28 ` +
    `8)">${lit('cloth', one)}</g>`
  );
};

import { between, chance, cloth, type Draw, fill, groundShadow, line, lit, mirrored, oneOf } from './shape.js';

const hardware = (x: number, y: number) =>
  `<rect x="${x - 5}" y="${y - 5}" width="10" height="10" rx="2" fill="url(#brass)"/>`;

export const handbag: Draw = ({ tones, random }) => {
  const kind = oneOf(random, 'tote', 'hobo', 'satchel', 'duffel');
  const drop = between(random, 60, 92);
  const topY = 140;
  const outlines: Record<string, string> = {
    tote: mirrored([0, topY], [72, topY], [86, 250], [86, 264, 80, 268, 70, 268], [0, 270]),
    hobo: mirrored(
      [0, topY + 14],
      [30, topY + 12, 56, topY + 4, 66, topY - 8],
      [92, 190, 106, 236, 84, 258],
      [60, 274, 20, 272, 0, 272],
    ),
    satchel: mirrored([0, topY], [60, topY, 68, topY, 72, topY + 8], [92, 250], [92, 266, 80, 266, 72, 266], [0, 268]),
    duffel: mirrored(
      [0, topY + 8],
      [70, topY + 6, 84, topY + 14, 92, topY + 34],
      [98, 210, 96, 246, 86, 256],
      [60, 264, 20, 262, 0, 262],
    ),
  };
  const handle = (dx: number, colour: string) =>
    line(
      `M${78 + dx} ${topY + 10}C${80 + dx} ${topY - drop} ${160 + dx} ${topY - drop} ${162 + dx} ${topY + 10}`,
      colour,
      8,
    );
  const details: Record<string, string> = {
    tote:
      line(`M46 ${topY + 20}H194`, tones.deep, 2, 'stroke-dasharray="5 4"') +
      `<rect x="102" y="188" width="36" height="14" rx="3" fill="${tones.dark}"/>`,
    hobo: line('M78 172Q96 220 84 258M162 172Q144 220 156 258M120 158Q124 200 120 264', tones.deep, 3, 'opacity=".45"'),
    satchel:
      `<path d="M44 ${topY + 2}H196L202 198Q120 222 38 198Z" fill="${tones.base}" stroke="${tones.deep}" ` +
      'stroke-width="1.8"/><rect x="108" y="196" width="24" height="22" rx="4" fill="url(#brass)"/>',
    duffel:
      line(`M40 ${topY + 26}Q120 ${topY + 12} 200 ${topY + 26}`, tones.deep, 4) +
      `<rect x="70" y="196" width="100" height="46" rx="8" fill="none" stroke="${tones.deep}" stroke-width="3"/>`,
  };
  const straps = handle(0, tones.deep) + lit('leather', handle(0, tones.dark));
  return (
    groundShadow(120, 270, 180) +
    straps +
    lit(
      chance(random, 0.4) ? 'gloss' : 'leather',
      fill(outlines[kind] ?? '', cloth, tones.deep) + (details[kind] ?? ''),
    ) +
    hardware(78, topY + 16) +
    hardware(162, topY + 16)
  );
};

export const backpack: Draw = ({ tones, random }) => {
  const accent = oneOf(random, tones.dark, tones.contrast, tones.light, '#8a8d92');
  const width = between(random, 72, 82);
  const body = mirrored(
    [0, 48],
    [36, 48, 58, 60, width - 8, 108],
    [width + 6, 170, width + 6, 230, width, 272],
    [width - 4, 284, 40, 288, 0, 288],
  );
  const loop = line('M102 52C100 22 140 22 138 52', tones.deep, 8);
  const side = [-1, 1]
    .map(
      (sign) =>
        `<path d="M${120 + sign * (width - 8)} 190L${120 + sign * (width + 8)} ` +
        `196L${120 + sign * (width + 2)} 276L${120 + sign * (width - 14)} 280Z" fill="${accent}" ` +
        'opacity=".9"/>',
    )
    .join('');
  const zip =
    line('M66 118C76 74 164 74 174 118', tones.deep, 4) + line('M66 118C76 74 164 74 174 118', '#c6c9cc', 1.2);
  const pocket = oneOf(
    random,
    fill(
      mirrored([0, 176], [40, 176, 52, 178, 54, 190], [58, 262], [50, 274, 20, 275, 0, 275]),
      tones.base,
      tones.deep,
    ) + line('M70 198H170', tones.deep, 4),
    fill(mirrored([0, 138], [34, 138, 44, 146, 48, 170], [56, 268], [40, 276, 20, 276, 0, 276]), accent, tones.deep) +
      line('M82 184Q120 176 158 184', tones.deep, 4),
    '<path d="M62 150Q120 138 178 150L182 196Q120 210 58 196Z" ' +
      `fill="${accent}"/>${line('M62 222Q120 232 178 222', tones.deep, 4)}`,
    `<path d="M96 56Q84 160 92 286L148 286Q156 160 144 56Z" fill="${accent}" ` +
      `opacity=".9"/>${line('M92 200H148', tones.deep, 4)}`,
  );
  const buckle = chance(random, 0.4) ? '<rect x="110" y="150" width="20" height="12" rx="3" fill="url(#metal)"/>' : '';
  return (
    groundShadow(120, 288, 160) +
    loop +
    lit('cloth', fill(body, cloth, tones.deep) + side) +
    lit('leather', pocket) +
    zip +
    buckle
  );
};

export const wallet: Draw = ({ tones, random, gender }) => {
  const long = gender === 'Women' && chance(random, 0.75);
  const [x, y, width, height] = long ? [30, 118, 180, 88] : [56, 98, 128, between(random, 104, 116)];
  const body =
    `M${x + 5} ${y}L${x + width - 4} ${y + 3}Q${x + width} ${y + 3} ${x + width} ${y + 8}L${x + width - 1} ` +
    `${y + height - 5}Q${x + width - 1} ${y + height} ${x + width - 6} ${y + height}L${x + 5} ` +
    `${y + height}Q${x} ${y + height} ${x} ${y + height - 5}L${x} ${y + 5}Q${x} ${y} ${x + 5} ${y}Z`;
  const layers = [8, 4]
    .map((shift) => `<g transform="translate(${shift} ${-shift})">${fill(body, tones.dark, tones.deep)}</g>`)
    .join('');
  const stitch =
    `<rect x="${x + 8}" y="${y + 9}" width="${width - 16}" height="${height - 17}" rx="4" fill="none" ` +
    `stroke="${oneOf(random, tones.deep, tones.light)}" stroke-width="1.8" stroke-dasharray="5 4" ` +
    'opacity=".8"/>';
  const style = long
    ? oneOf(
        random,
        `<path d="M${x} ${y + 4}H${x + width}V${y + 48}Q${x + width / 2} ${y + 66} ${x} ${y + 48}Z" ` +
          `fill="${tones.base}" stroke="${tones.deep}" stroke-width="2"/><circle cx="120" cy="${y + 50}" r="7" ` +
          'fill="url(#brass)"/>',
        line(`M${x + 4} ${y + 10}H${x + width - 4}`, '#c9a04a', 5) +
          line(`M${x + width - 8} ${y + 12}v24`, '#c9a04a', 4),
        `<path d="M${x} ${y + 30}h${width}v14h-${width}z" fill="${tones.dark}"/><rect x="108" y="${y + 28}" ` +
          'width="24" height="18" rx="3" fill="url(#brass)"/>',
      )
    : oneOf(
        random,
        line(`M${x + 2} ${y + height * 0.5}H${x + width - 2}`, tones.deep, 2, 'opacity=".55"'),
        `<rect x="${x + width - 40}" y="${y + height - 34}" width="26" height="16" rx="2" fill="${tones.dark}"/>`,
        line(`M${x + width * 0.34} ${y + 2}V${y + height - 2}`, tones.deep, 3, 'opacity=".7"'),
        `<rect x="${x + width - 14}" y="${y + height / 2 - 11}" width="34" height="24" rx="6" ` +
          `fill="${tones.dark}" stroke="${tones.deep}" stroke-width="1.6"/><circle cx="${x + width + 4}" ` +
          `cy="${y + height / 2 + 1}" r="4.5" fill="url(#metal)"/>`,
      );
  return (
    groundShadow(122, y + height + 3, width) +
    lit('leather', layers + fill(body, tones.base, tones.deep) + stitch + style)
  );
};

export const clutch: Draw = ({ tones, random }) => {
  const kind = oneOf(random, 'flap', 'frame', 'envelope');
  const body = mirrored([0, 132], [70, 130, 88, 132, 92, 142], [100, 212], [96, 226, 60, 226, 0, 228]);
  const details: Record<string, string> = {
    flap:
      `<path d="M26 138Q120 122 214 138L218 180Q120 208 22 180Z" fill="${tones.dark}" stroke="${tones.deep}" ` +
      'stroke-width="1.8"/><circle cx="120" cy="192" r="8" fill="url(#brass)"/>',
    frame:
      line('M30 138Q120 124 210 138', '#c9a04a', 7) +
      '<circle cx="113" cy="124" r="7" fill="url(#brass)"/><circle cx="128" cy="122" r="7" fill="url(#brass)"/>' +
      line(
        'M62 146L56 222M92 142L90 226M120 140V227M148 142L150 226M178 146L184 222',
        tones.deep,
        2.4,
        'opacity=".45"',
      ),
    envelope:
      `<path d="M28 138L120 196L212 138" fill="${tones.dark}" stroke="${tones.deep}" ` +
      'stroke-width="2.4"/><circle cx="120" cy="192" r="6" fill="url(#metal)"/>',
  };
  const chain =
    kind !== 'envelope' && chance(random, 0.5)
      ? line('M32 142C10 20 230 20 208 142', '#b08a3c', 3.4, 'stroke-dasharray="4 4"')
      : '';
  return groundShadow(120, 228, 184) + chain + lit('gloss', fill(body, tones.base, tones.deep) + (details[kind] ?? ''));
};

import { chance, type Draw, fill, groundShadow, line, lit, oneOf } from './shape.js';

/** Shoes are photographed from the side and a little from above, the toe to the right and lower. */
const placed = (content: string, angle = 9) =>
  `${groundShadow(126, 216, 176)}<g transform="rotate(${angle} 120 180)">${content}</g>`;

const upperOutline =
  'M28 204C22 182 26 156 34 138C48 134 60 148 80 148C92 146 98 132 110 122C124 134 148 154 170 160C200 164 ' +
  '224 176 223 202C160 210 90 210 28 204Z';
const opening = (colour: string) =>
  `<path d="M34 139C50 128 92 116 110 122C98 132 92 146 80 148C60 148 48 135 34 139Z" fill="${colour}"/>`;

function laces(colour: string, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [110 + i * 12, 126 + i * 10];
    return line(`M${x - 4} ${y + 8}Q${x + 6} ${y - 2} ${x + 15} ${y - 1}`, colour, 4);
  }).join('');
}

export const casualShoe: Draw = ({ tones, random }) => {
  const pale = oneOf(random, '#f1efe9', '#f1efe9', '#d9c39a', tones.dark);
  const sole = fill(
    'M27 194C80 204 170 206 222 196Q226 212 216 218C150 226 70 222 30 214Q25 206 27 194Z',
    pale,
    '#77716a',
  );
  const high = chance(random, 0.25)
    ? fill('M33 150C30 126 32 112 36 100C56 94 76 96 92 102C102 108 112 116 122 134L96 160Z', tones.base, tones.deep) +
      `<path d="M37 101C54 92 78 96 92 102C76 110 52 108 37 101Z" fill="${tones.deep}"/>`
    : '';
  const style = oneOf(
    random,
    laces(tones.contrast, 5) +
      '<path d="M182 170C204 174 219 186 221 203C206 206 192 206 182 206C176 192 176 180 182 170Z" ' +
      `fill="${pale}" opacity=".9"/>`,
    laces(tones.light, 4) +
      line('M96 138C108 160 120 176 122 206M36 168C60 176 90 180 116 176', tones.deep, 2.4, 'opacity=".7"'),
    line('M84 140C104 168 150 166 172 164', tones.deep, 3, 'opacity=".7"') +
      `<path d="M108 132L134 150L120 178L92 160Z" fill="${tones.dark}"/>`,
    `${laces(tones.contrast, 5)}<path d="M60 204L84 146L100 142L82 206Z" fill="${tones.contrast}" opacity=".85"/>`,
  );
  return placed(
    lit(
      'leather',
      fill(upperOutline, tones.base, tones.deep) + (high === '' ? opening(tones.deep) : high) + style + sole,
    ),
  );
};

export const sportsShoe: Draw = ({ tones, random }) => {
  const accent = oneOf(random, tones.contrast, '#c8323a', '#2f66b0', '#9aa0a8', '#e58a2c');
  const sole = fill(
    'M20 188C40 200 90 202 126 198C170 196 206 190 228 188Q230 210 214 218C180 224 150 216 120 222C80 228 44 ' +
      '226 26 216Q18 204 20 188Z',
    '#f3f3f1',
    '#84868a',
  );
  const tread =
    line('M28 216C60 226 90 226 120 220C150 214 186 222 214 216', tones.dark, 5) +
    line('M24 202C70 214 170 208 226 200', accent, 3.5);
  const panels = oneOf(
    random,
    `<path d="M60 200C76 176 92 160 112 150L122 162C104 172 92 186 86 202Z" fill="${accent}"/><path d="M98 ` +
      `202C108 184 120 174 134 166L144 176C130 184 122 192 120 202Z" fill="${accent}"/>`,
    `<path d="M34 190C80 196 110 182 136 152L146 160C122 196 84 206 34 202Z" fill="${accent}"/>`,
    `<path d="M32 156L64 150L72 202L30 202Z" fill="${accent}" ` +
      `opacity=".9"/>${line('M86 152C112 160 130 178 150 200M104 144C128 156 146 172 168 196', accent, 5)}`,
    `<path d="M66 200L104 150L128 166L128 202L108 202L108 174L86 202Z" fill="${accent}"/>`,
  );
  const toe =
    '<path d="M176 166C200 170 220 182 221 202C204 206 188 205 176 204C188 192 188 178 176 166Z" ' +
    `fill="${tones.dark}" opacity=".55"/>`;
  const counter = 'M30 200C24 176 28 146 36 124L54 126C48 150 48 180 54 204Z';
  const heel = `<path d="${counter}" fill="${tones.dark}" opacity=".75"/>`;
  return placed(
    lit(
      'leather',
      fill(upperOutline, tones.base, tones.deep) +
        toe +
        heel +
        panels +
        opening(tones.deep) +
        laces(tones.contrast, 5) +
        sole +
        tread,
    ),
  );
};

export const formalShoe: Draw = ({ tones, random }) => {
  const sole = fill(
    'M30 198C60 202 90 208 120 210C160 214 210 212 230 206Q230 214 222 216C170 220 120 216 84 212L82 222L32 220Z',
    '#241c18',
    '#15100d',
  );
  const upper = fill(
    'M30 200C26 176 30 154 38 140C52 138 64 152 86 152C98 150 106 138 116 130C132 146 152 162 180 168C210 ' +
      '172 232 184 234 204C190 212 140 212 96 206C70 202 50 202 30 200Z',
    tones.base,
    tones.deep,
  );
  const inside =
    '<path d="M39 141C56 132 98 126 116 130C106 138 98 150 86 152C64 152 54 138 39 141Z" ' +
    `fill="${oneOf(random, '#8a6a4c', '#3a2a24', tones.deep)}"/>`;
  const style = oneOf(
    random,
    [0, 1, 2].map((i) => line(`M${112 + i * 12} ${146 + i * 8}q8-8 16-5`, '#111', 4)).join('') +
      line('M98 148C112 172 122 190 124 208', tones.deep, 2.6),
    line('M88 153C112 178 150 180 174 176', tones.deep, 3) +
      `<path d="M104 146L134 158L124 178L96 164Z" fill="${tones.deep}" opacity=".6"/>`,
    line('M182 169C172 182 172 198 176 210', tones.deep, 3) +
      [0, 1, 2].map((i) => line(`M${112 + i * 12} ${146 + i * 8}q8-8 16-5`, '#111', 4)).join(''),
  );
  return placed(lit('gloss', upper + inside + style + sole), 8);
};

export const flat: Draw = ({ tones, random }) => {
  const sole = line('M34 204C90 212 160 220 218 212', '#3a2d24', 6);
  const inside =
    '<path d="M36 176C60 162 130 166 160 184C140 202 70 204 40 196Z" ' +
    `fill="${oneOf(random, '#d8b48a', '#e9d9bf', '#a98258')}"/>`;
  const upper = fill(
    'M34 168C28 184 28 198 34 206C90 214 160 222 220 213C224 196 200 184 164 180C156 194 130 200 100 196C68 ' +
      '192 46 184 34 168Z',
    tones.base,
    tones.deep,
  );
  const style = oneOf(
    random,
    '<path d="M172 184c-20-14-28 4-8 8c-16 14 2 18 10 2c12 12 24 2 8-6c14-10 2-18-10-4z" ' +
      `fill="${tones.dark}" stroke="${tones.deep}" stroke-width="1.5"/>`,
    `<circle cx="178" cy="190" r="9" fill="url(#brass)"/>`,
    line('M84 194C92 168 120 158 140 176', tones.base, 9),
    line('M182 186C176 196 176 206 180 217', tones.deep, 3),
  );
  return placed(lit('leather', sole + inside + upper + style), 7);
};

const footbed = 'M26 178C30 152 78 150 118 160C164 166 216 178 216 200C210 224 156 220 112 208C72 202 28 206 26 178Z';

export const flipFlop: Draw = ({ tones, random }) => {
  const strap = oneOf(random, tones.contrast, tones.dark, tones.light, tones.deep);
  const edge = oneOf(random, tones.dark, strap, '#f0efec');
  const sole = `<g transform="translate(0 13)">${fill(footbed, edge, tones.deep)}</g>`;
  const bed = sole + fill(footbed, tones.base, tones.deep);
  const print = chance(random, 0.5)
    ? `<g fill="${tones.light}" opacity=".75"><circle cx="62" cy="178" r="12"/><circle cx="92" cy="184" ` +
      'r="6"/><path d="M40 190q10-14 20 4z"/></g>'
    : line('M44 178C46 168 80 166 104 172', tones.dark, 3, 'opacity=".7"');
  const thong =
    line('M178 192C160 176 140 146 108 154', strap, 11) + line('M178 192C150 188 118 184 102 208', strap, 12);
  return placed(lit('leather', bed + print) + lit('gloss', thong), 10);
};

export const sandal: Draw = ({ tones, random }) => {
  const bed =
    `<g transform="translate(0 16)">${fill(footbed, '#2b2522', '#15110f')}</g>` +
    `<g transform="translate(0 7)">${fill(footbed, tones.dark, tones.deep)}</g>` +
    fill(footbed, oneOf(random, tones.dark, '#7b6148', '#4c4540'), tones.deep);
  const across = (x: number, width: number) => {
    const far = 152 + x * 0.11;
    const band =
      `M${x} 210C${x - 8} 172 ${x + 8} 144 ${x + 30} ${far}L${x + 30 + width * 0.8} ` +
      `${far + 6}C${x + 20 + width} 156 ${x + width} 182 ${x + width} 214Z`;
    return (
      fill(band, tones.base, tones.deep) +
      line(
        `M${x + 5} 205C${x + 1} 176 ${x + 14} 156 ${x + 29} ${far}`,
        tones.light,
        1.6,
        'stroke-dasharray="4 4" opacity=".8"',
      )
    );
  };
  const back =
    line('M116 156C96 122 46 120 34 146C36 168 84 178 104 188', tones.deep, 13) +
    line('M116 156C96 122 46 120 34 146C36 168 84 178 104 188', tones.base, 11);
  const buckle =
    '<rect x="96" y="158" width="16" height="13" rx="3" fill="url(#metal)" stroke="#555" stroke-width="1.5"/>';
  const style = oneOf(
    random,
    back + across(98, 24) + across(152, 20) + buckle,
    across(88, 26) + across(140, 28),
    fill('M96 208C92 168 112 140 142 146C168 152 192 176 194 208C160 216 124 214 96 208Z', tones.base, tones.deep) +
      line('M118 210C116 180 124 160 138 148M168 212C168 190 162 166 150 150', tones.deep, 3),
    back + across(140, 34) + buckle,
  );
  return placed(lit('leather', bed + style), 9);
};

import { between, type Draw, fill, groundShadow, line, lit, oneOf } from './shape.js';

export const heel: Draw = ({ tones, random }) => {
  const ground = 226;
  const seat = ground - between(random, 52, 86);
  const kind = oneOf(random, 'pump', 'strappy', 'wedge', 'strappy', 'slingback');
  const insole = oneOf(random, '#d8b48a', '#c49a6c', '#efe0c8');
  const support =
    kind === 'wedge'
      ? fill(
          `M38 ${seat + 2}C90 ${seat + 12} 130 200 164 214L206 222L206 ${ground}L46 ${ground}Z`,
          oneOf(random, '#b98d5a', tones.dark, '#6b4a30'),
          tones.deep,
        )
      : fill(
          `M36 ${seat}L72 ${seat + 8}C60 ${seat + 22} 56 ${ground - 20} 54 ${ground}L45 ${ground}C44 ` +
            `${ground - 30} 42 ${seat + 24} 36 ${seat}Z`,
          tones.dark,
          tones.deep,
        );
  const soleLine = line(`M40 ${seat + 2}C92 ${seat + 10} 124 206 162 217Q190 224 216 218`, tones.deep, 6);
  const foot =
    `<path d="M38 ${seat - 2}C60 ${seat - 12} 96 ${seat - 4} 120 186C146 194 200 196 217 214C190 222 172 220 ` +
    `156 213C124 200 92 ${seat + 8} 38 ${seat - 2}Z" fill="${insole}"/>`;
  const closed = fill(
    `M34 ${seat - 34}C30 ${seat - 14} 32 ${seat - 4} 38 ${seat + 3}C92 ${seat + 10} 124 206 162 217Q196 225 ` +
      `221 217C222 200 196 186 160 178C148 190 116 ${seat + 24} 78 ${seat - 4}C60 ${seat - 16} 46 ${seat - 26} ` +
      `34 ${seat - 34}Z`,
    tones.base,
    tones.deep,
  );
  const cup = fill(
    `M34 ${seat - 32}C30 ${seat - 14} 32 ${seat - 4} 38 ${seat + 3}L76 ${seat + 9}C70 ${seat - 8} 52 ` +
      `${seat - 22} 34 ${seat - 32}Z`,
    tones.base,
    tones.deep,
  );
  const front = fill(
    'M134 200C138 186 152 176 168 174C196 184 218 198 222 216Q196 224 164 217C152 214 142 208 134 200Z',
    tones.base,
    tones.deep,
  );
  const ankle = line(
    `M38 ${seat - 20}C44 ${seat - 66} 112 ${seat - 62} 108 ${seat - 36}C104 ${seat - 16} 60 ${seat - 18} 38 ` +
      `${seat - 22}`,
    tones.base,
    7,
  );
  const straps =
    fill(
      'M148 209C146 188 156 178 172 175L198 186C188 194 186 206 188 219C174 220 158 214 148 209Z',
      tones.base,
      tones.deep,
    ) + line(`M166 180C146 ${seat + 24} 122 ${seat - 20} 106 ${seat - 34}`, tones.base, 7);
  const uppers: Record<string, string> = {
    pump: foot + closed,
    strappy: foot + soleLine + cup + ankle + straps,
    slingback:
      foot +
      soleLine +
      front +
      line(
        `M164 182C120 ${seat + 10} 60 ${seat - 46} 36 ${seat - 22}C34 ${seat - 10} 36 ${seat - 2} 38 ${seat}`,
        tones.base,
        8,
      ),
    wedge: foot + soleLine + front + cup + ankle,
  };
  const shoe = lit('gloss', support + (uppers[kind] ?? ''));
  return `${groundShadow(130, 208, 168)}<g transform="translate(0 -22)">${shoe}</g>`;
};

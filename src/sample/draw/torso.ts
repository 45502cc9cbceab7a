import { cloth, fill, type Look, line, lit, mirrored, type Segment } from './shape.js';

/** The cut of a garment; lengths are units of the canvas. */
interface Torso {
  neck: 'crew' | 'v' | 'wide';
  /** The share of the arm that is covered. */
  sleeve: number;
  /** Distances of the outline from the axis, as `waist` and `hem`. */
  shoulder: number;
  waist: number;
  hem: number;
  top: number;
  bottom: number;
}

/** Body and sleeves of a garment for the upper body, with the inside of its back at the neck. */
export function torso({ tones }: Look, { neck, sleeve, shoulder, waist, hem, top, bottom }: Torso): string {
  const depth = { crew: 17, v: 44, wide: 28 }[neck];
  const neckWidth = neck === 'wide' ? 36 : 27;
  const armpit = top + 62;
  const middle = (armpit + bottom) / 2;
  const neckline: Segment =
    neck === 'v'
      ? [6, top + depth - 8, 20, top + 20, neckWidth, top]
      : [16, top + depth, neckWidth - 4, top + 12, neckWidth, top];
  const side: Segment[] = [
    [waist + 2, armpit + 25, waist, middle - 30, waist, middle],
    [waist, middle + 20, hem - 3, bottom - 30, hem, bottom],
  ];
  const arm: Segment[] = [];
  if (sleeve > 0) {
    const reach = 36 + sleeve * 130;
    const x = shoulder + 6 + Math.min(26, sleeve * 60);
    const y = top + 14 + reach;
    arm.push(
      [shoulder + 12, top + 22, x - 2, y - 34, x, y],
      [x - 27 + sleeve * 6, y + 7],
      [shoulder - 9, armpit + 18, shoulder - 12, armpit + 10, shoulder - 11, armpit],
    );
  } else {
    arm.push([shoulder - 16, top + 34, shoulder - 18, armpit - 18, shoulder - 11, armpit]);
  }
  const back = mirrored(
    [0, top - 7],
    [12, top - 7, neckWidth - 6, top - 4, neckWidth, top],
    [neckWidth - 4, top + 12, 16, top + depth, 0, top + depth],
  );
  const body = mirrored(
    [0, top + depth],
    neckline,
    [sleeve > 0 ? shoulder : shoulder - 12, top + 14],
    ...arm,
    ...side,
    [hem * 0.5, bottom + 7, 10, bottom + 8, 0, bottom + 8],
  );
  const armholes =
    sleeve > 0
      ? [-1, 1].map((side) =>
          line(
            `M${120 + side * (shoulder - 4)} ${top + 17}Q${120 + side * (shoulder - 16)} ${top + 40} ` +
              `${120 + side * (shoulder - 11)} ${armpit}`,
            tones.deep,
            1.8,
            'opacity=".5"',
          ),
        )
      : [];
  return fill(back, tones.deep, tones.deep) + lit('cloth', fill(body, cloth, tones.deep) + armholes.join(''));
}

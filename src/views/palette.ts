// Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), which colour-blind people tell apart. Its yellow and
// black are left out: one is hard to see on a light page, the other on a dark one.
export const blue = '#0072B2';
export const vermilion = '#D55E00';
const orange = '#E69F00';
export const green = '#009E73';
const purple = '#CC79A7';
const sky = '#56B4E9';

/** Of the categories of a chart, in the order they are used: neighbours differ in lightness too. */
export const categoryColours: readonly string[] = [blue, orange, green, purple, sky, vermilion];

/** Grey with a contrast of 4 to 1 and more on white and on black: the page behind a chart shows through. */
export const grey = '#7b7b7b';

/** Of lines behind a chart, on any page. */
export const grid = 'rgba(128,128,128,0.25)';

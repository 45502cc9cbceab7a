import { svgToJpeg } from '../image/index.js';
import { type Random, randomFrom } from '../work/index.js';
import { tonesOf } from './colours.js';
import { between, drawings } from './draw/index.js';
import { fabric } from './fabric.js';
import type { SampleProduct } from './rows.js';

/** The image of a product: a JPEG of 60x80 pixels. */
export async function renderProduct({ product, pattern }: SampleProduct, seed: number): Promise<Uint8Array> {
  const random = randomFrom(seed, 'sample image', product.id);
  const tones = tonesOf(product.baseColour);
  const drawing = drawings[product.articleType]({ tones, pattern, gender: product.gender ?? 'Unisex', random });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="80" viewBox="0 0 240 320">
<defs>${materials(random)}${fabric(pattern, tones, random)}</defs>
<rect width="240" height="320" fill="#fff"/>
<g transform="${placement(random)}">${drawing}</g></svg>`;
  return svgToJpeg(svg);
}

/** A slight shift, turn and scale, since no two photographs are framed alike. */
function placement(random: Random): string {
  const scale = between(random, 0.93, 1.03);
  return (
    `translate(${120 + between(random, -4, 4)} ${160 + between(random, -4, 4)}) ` +
    `rotate(${between(random, -1.5, 1.5)}) scale(${scale}) translate(-120 -160)`
  );
}

/**
 * The SVG filters that make surfaces look round: they take heights from the blurred outline (and noise, for folds) and
 * light them from the upper left; and the gradients of metals.
 */
function materials(random: Random): string {
  const noise = Math.floor(random() * 1000);
  const area =
    'x="-20" y="-20" width="280" height="360" filterUnits="userSpaceOnUse" color-interpolation-filters="sRGB"';
  // A flat surface gets the sine of 55 degrees, 0.82, of the light and keeps its colour; `add` makes light visible on
  // black.
  const light = (scale: number, depth: number, add: number) =>
    `<feDiffuseLighting in="height" surfaceScale="${scale}" lighting-color="#fff" result="light">
<feDistantLight azimuth="235" elevation="55"/></feDiffuseLighting>
<feComposite in="SourceGraphic" in2="light" operator="arithmetic" k1="${depth / 0.82}" k2="${1 - depth}" k3="${add}"
k4="${-add * 0.82}" result="shaded"/>`;
  const inside = '<feComposite in2="SourceAlpha" operator="in"/>';
  return `<filter id="cloth" ${area}><feGaussianBlur in="SourceAlpha" stdDeviation="8" result="round"/>
<feTurbulence type="fractalNoise" baseFrequency=".03 .011" numOctaves="2" seed="${noise}"/>
<feColorMatrix values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1.6 0 0 0 -.3" result="folds"/>
<feComposite in="round" in2="folds" operator="arithmetic" k2=".7" k3=".3" result="height"/>
${light(3.4, 0.75, 0.12)}${inside}</filter>
<filter id="leather" ${area}><feGaussianBlur in="SourceAlpha" stdDeviation="7" result="height"/>
${light(3.4, 0.7, 0.18)}${inside}</filter>
<filter id="gloss" ${area}><feGaussianBlur in="SourceAlpha" stdDeviation="6" result="height"/>${light(3.4, 0.7, 0.22)}
<feSpecularLighting in="height" surfaceScale="7" specularConstant=".7" specularExponent="24" lighting-color="#fff">
<feDistantLight azimuth="250" elevation="42"/></feSpecularLighting>
<feComposite in2="shaded" operator="arithmetic" k2=".6" k3="1"/>${inside}</filter>
<filter id="soft" x="-50%" y="-200%" width="200%" height="500%"><feGaussianBlur stdDeviation="5"/></filter>
<linearGradient id="metal" x2="1" y2=".3"><stop stop-color="#f4f5f6"/><stop offset=".35" stop-color="#a9adb2"/>
<stop offset=".6" stop-color="#e6e8ea"/><stop offset="1" stop-color="#85898f"/></linearGradient>
<linearGradient id="brass" x2="1" y2=".3"><stop stop-color="#f6e3a6"/><stop offset=".4" stop-color="#b98f3a"/>
<stop offset=".65" stop-color="#ecd48c"/><stop offset="1" stop-color="#94702a"/></linearGradient>`;
}

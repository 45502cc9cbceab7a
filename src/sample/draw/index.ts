import type { ArticleType } from '../kinds.js';
import { belt, cap, socks, sunglasses, tie, watch } from './accessories.js';
import { backpack, clutch, handbag, wallet } from './bags.js';
import { jeans, shorts, skirt, trackPants, trousers } from './bottomwear.js';
import { lipstick, nailPolish, perfume } from './care.js';
import { casualShoe, flat, flipFlop, formalShoe, sandal, sportsShoe } from './footwear.js';
import { heel } from './heel.js';
import type { Draw } from './shape.js';
import { dress, kurta, shirt, sweatshirt, top, tshirt } from './topwear.js';

/** How each article type is drawn. */
export const drawings: Readonly<Record<ArticleType, Draw>> = {
  Tshirts: tshirt,
  Shirts: shirt,
  Kurtas: kurta,
  Tops: top,
  Dresses: dress,
  Sweatshirts: sweatshirt,
  Jeans: jeans,
  Trousers: trousers,
  Shorts: shorts,
  'Track Pants': trackPants,
  Skirts: skirt,
  'Casual Shoes': casualShoe,
  'Sports Shoes': sportsShoe,
  'Formal Shoes': formalShoe,
  Heels: heel,
  Flats: flat,
  'Flip Flops': flipFlop,
  Sandals: sandal,
  Handbags: handbag,
  Backpacks: backpack,
  Wallets: wallet,
  Clutches: clutch,
  Watches: watch,
  Sunglasses: sunglasses,
  Belts: belt,
  Ties: tie,
  Caps: cap,
  Socks: socks,
  'Perfume and Body Mist': perfume,
  'Nail Polish': nailPolish,
  Lipstick: lipstick,
};
export { between, oneOf } from './shape.js';

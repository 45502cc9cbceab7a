export { type Found, type SearchOptions, search, searchWays } from './search.js';

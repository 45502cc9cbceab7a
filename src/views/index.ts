import './display.js';
import './kernel/cells.js';

export { drawCharts } from './browser.js';
export {
  type Annotation,
  type AnyFigure,
  type Axis,
  type BarTrace,
  barFigure,
  type CountOptions,
  type CountOrder,
  confusionFigure,
  crosstabFigure,
  type Figure,
  type FigureLayout,
  figureSvg,
  figureText,
  type Heatmap,
  type HeatmapTrace,
  heatmapFigure,
  histogramFigure,
  type LookOptions,
  type PlotlyFigure,
  type ReliabilityTrace,
  reliabilityFigure,
  type ScatterOptions,
  type ScatterTrace,
  type Shape,
  scatterFigure,
  type Trace,
} from './charts/index.js';
export type { Frame, Tabular } from './columns.js';
export { escapeHtml } from './html.js';
export { type ImageSource, type Images, readImages } from './images.js';
export { inNotebook } from './kernel/kernel.js';
export { notebookProgress, type ProgressOptions } from './kernel/progress.js';
export { offerValues } from './kernel/values.js';
export { contactSheet, type SheetSection } from './pages/contact-sheet.js';
export { evaluationReport, type ReportOptions } from './pages/evaluation-report.js';
export { mapPage } from './pages/map-page.js';
export { imagePage } from './pages/page.js';
export { type CompareOptions, compareHtml, type Pair, type Pictures, pairs } from './panels/compare.js';
export { confusionsHtml, type WorstConfusion, worstConfusions } from './panels/confusions.js';
export { evaluationBasis, evaluationCells, evaluationTitles } from './panels/evaluation.js';
export { type GridOptions, gridHtml } from './panels/grid.js';
export { type ImageMap, imageMap, type MapOptions } from './panels/map.js';
export { type Montage, type MontageOptions, montage } from './panels/montage.js';
export type { Paging } from './panels/paging.js';
export { planHtml } from './panels/plan.js';
export { predictionsHtml } from './panels/predictions.js';
export type { Proposal, Reviewable } from './panels/proposals.js';
export { knownOf, type ReviewOptions, reviewHtml } from './panels/review.js';
export { groupsHtml, similarHtml } from './panels/similar.js';
export { suspectsHtml } from './panels/suspects.js';
export { shownRows, type TableOptions, tableHtml } from './panels/table.js';
export { type RowImages, rowImages, rowTiles, type TableRow, type WithImages } from './row-images.js';
export { type SheetOptions, show } from './show.js';
export { thumbnails } from './thumbnails.js';
export type { Shown, Tile } from './tile.js';

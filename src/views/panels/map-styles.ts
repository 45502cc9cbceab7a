import { Html } from '../html.js';
import { blue } from '../palette.js';

/** The look of what stands beside a map; the page behind shows through, light or dark. */
export const styles = new Html(
  `
.mlm { font-size: 13px; line-height: 1.4; box-sizing: border-box; padding: 4px 8px; }
.mlm-bar { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center; }
.mlm-status { font-size: 15px; }
.mlm-tools { display: flex; gap: 4px; }
.mlm button { font: inherit; color: inherit; background: transparent; border: 1px solid #888a; border-radius: 4px;
  padding: 1px 7px; cursor: pointer; }
.mlm button:hover { background: #8883; }
.mlm button:focus-visible, .mlm-picture:focus-visible { outline: 3px solid ${blue}; outline-offset: 1px; }
.mlm button[data-done]::after { content: ' ✓'; }
.mlm p { margin: 6px 0; opacity: .75; }
.mlm-counts { margin: 8px 0; font-size: 12px; overflow-wrap: anywhere; }
.mlm-counts span { opacity: .7; margin-right: 6px; }
.mlm-pictures { display: flex; flex-wrap: wrap; gap: 4px; margin: 8px 0; }
.mlm-picture { background-color: #fff; background-repeat: no-repeat; border: 0; border-radius: 3px; padding: 0; }
.mlm .mlm-picture { padding: 0; border: 0; background-color: #fff; }
.mlm-cell { overflow: auto; max-height: 12em; font: 12px/1.5 ui-monospace, monospace; }
.mlm:not([data-ready]) .mlm-bar, .mlm:not([data-ready]) .mlm-hint, .mlm:not([data-ready]) .mlm-result,
.mlm:not([data-caught]) .mlm-tools, .mlm:not([data-caught]) .mlm-result, .mlm[data-caught] .mlm-hint { display: none; }
.js-plotly-plot[data-answers] .updatemenu-container { display: none; }
/* Said thrice, since Plotly takes margins from all that is inside a chart. */
.mlm-tip.mlm-tip.mlm-tip { position: absolute; z-index: 10; pointer-events: none; max-width: 200px; padding: 8px;
  border-radius: 6px;
  background: #fff; color: #222; box-shadow: 0 1px 8px #0006; font: 12px/1.35 system-ui, sans-serif; }
.mlm-tip.mlm-tip.mlm-tip[hidden] { display: none; }
.mlm-tip.mlm-tip.mlm-tip .mlm-picture { margin: 0 auto 4px; }
`.trim(),
);

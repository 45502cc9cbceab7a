import type { Figure, Trace } from './figure.js';

/** A kind of chart: which figures are of this kind, and how they look where Plotly does not run. */
export interface Chart<T extends Trace = Trace> {
  /** Whether a figure is of this kind. */
  is(figure: Figure): figure is Figure<T>;
  /** The content of an SVG picture that is as large as the figure's layout says. */
  drawing(figure: Figure<T>): Drawing;
  /** Lines for a terminal, without the title; a bar is at most `width` characters long. */
  text(figure: Figure<T>, width: number): string[];
}

/** A picture in words and in marks. */
export interface Drawing {
  /** What the picture shows, for people who do not see it. */
  description: string;
  /** SVG elements, in the order in which they are painted. */
  marks: string[];
}

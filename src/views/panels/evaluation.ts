import type { AttributeEvaluation } from '../../model/index.js';

/** An evaluation as rows of a table, one per attribute; shares are from 0 to 1. */
export const evaluationRows = (attributes: readonly AttributeEvaluation[]): object[] =>
  attributes.map(({ attribute, images, labels, accuracy, top5, macroF1, majority, calibrationError }) => ({
    attribute,
    images,
    labels: labels.length,
    accuracy,
    top5,
    macroF1,
    majority,
    calibrationError,
  }));

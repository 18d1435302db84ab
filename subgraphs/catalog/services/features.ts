import type { FeatureColumns, Features } from '../models.ts'

/** What `AudioFeatures` is resolved from. */
export interface ToldFeatures extends Features {
  isEstimate: boolean
}

/** The features of a row, or null when it has none: the table's check keeps them whole. */
export function featuresOf(row: FeatureColumns & { areEstimates: boolean }): ToldFeatures | null {
  return row.tempo === null ? null : { ...(row as Features), isEstimate: row.areEstimates }
}

import type { FeatureColumns, Features } from '../models.ts'

/** The features of a row, or null when it has none: the table's check keeps them whole. */
export function featuresOf(row: FeatureColumns): Features | null {
  return row.tempo === null ? null : (row as Features)
}

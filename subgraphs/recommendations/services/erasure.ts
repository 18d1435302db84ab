import type { SqlExecutor } from '#shared/database.ts'
import { ERASED_USER } from '#shared/privacy/erased.ts'
import type { ExportSections } from '#shared/privacy/export-file.ts'

/** Everything this room knows of a person. */
export const SECTIONS: ExportSections = {
  plays: `SELECT track_id, country, at, is_counted FROM play WHERE user_id = $1 ORDER BY at, playback_id`,
}

/** Plays stay plays, for the charts; nobody played them. */
export async function erase(tx: SqlExecutor, userId: string): Promise<void> {
  await tx.$executeRaw`UPDATE play SET user_id = ${ERASED_USER} WHERE user_id = ${userId}`
}

import type { SqlExecutor } from '#shared/database.ts'
import type { DownloadSource } from '../download-edge.ts'
import { monthNamed } from './month.ts'
import { readStatement, type Statement } from './statement.ts'
import { statementCsv } from './statement-csv.ts'
import { statementPage } from './statement-page.ts'

/** The path of a statement as it is signed. */
export function statementPath({ month, correction }: Statement, form: 'csv' | 'html'): string {
  return `royalties/${month}/${correction}/statement.${form}`
}

/** Makes the document of such a path. */
export function statementDownloads(db: SqlExecutor): DownloadSource {
  return async ([name = '', correction = '', file]) => {
    const month = monthNamed(name)
    const statement = month === null ? null : await readStatement(db, month, Number(correction))
    if (statement === null) return null
    if (file === 'statement.html')
      return { contentType: 'text/html; charset=utf-8', fileName: null, body: statementPage(db, statement) }
    const fileName = `royalties-${name}${statement.correction === 0 ? '' : `-correction-${correction}`}.csv`
    return { contentType: 'text/csv; charset=utf-8', fileName, body: statementCsv(db, statement) }
  }
}

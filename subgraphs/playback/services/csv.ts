/** One line of CSV (RFC 4180), with its end. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

/** What spreadsheets take for a formula, also behind blanks, and in the wide forms that some of them fold. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/
const QUOTED = /[",\r\n]/

/** A text that would be run as a formula where it is opened is shown as a text: with an apostrophe before it, as spreadsheets do. */
function cellOf(cell: string | number): string {
  if (typeof cell === 'number') return String(cell)
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export type Cell = string | number | bigint

/** One line of CSV (RFC 4180), with its end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

/** What spreadsheets take for a formula, also behind blanks, and in the wide forms that some of them fold. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/
/** What is below nothing begins like a formula, and is none. */
const NUMBER = /^-\d+(\.\d+)?$/
const QUOTED = /[",\r\n]/

/** A text that would be run as a formula where it is opened is shown as a text: with an apostrophe before it, as spreadsheets do. */
function cellOf(cell: Cell): string {
  const plain = String(cell)
  const text = FORMULA.test(plain) && !NUMBER.test(plain) ? `'${plain}` : plain
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

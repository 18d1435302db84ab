import { parse } from 'csv-parse/sync'
import type { Line } from './lines.ts'

/** One record, or the reason why there is none, with the line it begins on. */
export type CsvRecord = { line: number; cells: string[] } | { line: number; fault: string }

/** The lines one record may go over: a quote that is never closed must not swallow the rows after it. */
const MAX_LINES = 50

/**
 * CSV as RFC 4180 has it. A line whose quotes do not match is a fault of its own, and reading goes on with the next one; it
 * is only taken together with the lines after it if that makes a record as wide as the first.
 */
export async function* readRecords(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord> {
  const source = lines[Symbol.asyncIterator]()
  const ahead: Line[] = []
  let width = 0

  const lookAhead = async (index: number): Promise<Line | undefined> => {
    while (ahead.length <= index) {
      const step = await source.next()
      if (step.done === true) return undefined
      ahead.push(step.value)
    }
    return ahead[index]
  }

  for (let line = await lookAhead(0); line !== undefined; line = await lookAhead(0)) {
    const { number, text } = line
    ahead.shift()
    if (text.trim() === '') continue
    const isOpen = hasOpenQuote(text)
    const cells = isOpen ? await joinLines(text, lookAhead, ahead, width) : readCells(text)
    if (cells === null) {
      yield { line: number, fault: 'its quotes do not match' }
      continue
    }
    if (width === 0) width = cells.length
    yield { line: number, cells }
  }
}

/** The record that begins with `text` and goes on in the next lines, which are then used up; null if there is none. */
async function joinLines(
  text: string,
  lookAhead: (index: number) => Promise<Line | undefined>,
  ahead: Line[],
  width: number,
): Promise<string[] | null> {
  let joined = text
  for (let index = 0; index < MAX_LINES; index++) {
    const next = await lookAhead(index)
    if (next === undefined) return null
    joined += `\n${next.text}`
    if (hasOpenQuote(joined)) continue
    const cells = readCells(joined)
    if (cells === null || (width > 0 && cells.length !== width)) return null
    ahead.splice(0, index + 1)
    return cells
  }
  return null
}

function readCells(text: string): string[] | null {
  if (!text.includes('"')) return text.split(',')
  try {
    const [cells] = parse(text)
    return cells ?? null
  } catch {
    return null
  }
}

function hasOpenQuote(text: string): boolean {
  let quotes = 0
  for (let index = text.indexOf('"'); index !== -1; index = text.indexOf('"', index + 1)) quotes++
  return quotes % 2 === 1
}

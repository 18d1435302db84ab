/** What a text would have to lose to be left out of account. */
const FAR = 99

/** How far the two lengths may be apart, and so the most that is counted. */
const BAND = 4

/**
 * How many mistakes part what was typed from a title: letters put in, left out, changed, or two swapped (optimal string
 * alignment). `whole`: from all of it; `start`: from as much of its beginning as fits best. More than 4 are 99.
 */
export function distances(
  typed: readonly string[],
  title: readonly string[],
): { whole: number; start: number } {
  const width = Math.min(title.length, typed.length + BAND)
  let beforeLast: number[] = []
  let last = Array.from({ length: width + 1 }, (_, column) => column)
  for (let row = 1; row <= typed.length; row++) {
    const current = new Array<number>(width + 1).fill(FAR)
    current[0] = row
    // Beyond the band a path has more mistakes than are counted.
    for (let column = Math.max(1, row - BAND); column <= Math.min(width, row + BAND); column++) {
      const isSame = typed[row - 1] === title[column - 1]
      let best = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
      )
      const isSwapped =
        row > 1 && column > 1 && typed[row - 1] === title[column - 2] && typed[row - 2] === title[column - 1]
      if (isSwapped) best = Math.min(best, at(beforeLast, column - 2) + 1)
      current[column] = best
    }
    beforeLast = last
    last = current
  }
  const counted = (distance: number): number => (distance <= BAND ? distance : FAR)
  return {
    whole: title.length > width ? FAR : counted(at(last, title.length)),
    start: counted(Math.min(...last)),
  }
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? FAR
}

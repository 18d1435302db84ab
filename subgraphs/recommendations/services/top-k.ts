/**
 * The `k` highest-scored of any number of rows in one pass and no memory but its own: a heap over typed arrays with the
 * worst on top. Of equal scores the lower row wins, so an order never depends on the way it was found.
 */
export interface TopK {
  offer(row: number, score: number): void
  /** The rows kept, best first. The heap is spent. */
  drain(): { rows: Int32Array; scores: Float64Array }
}

export function createTopK(k: number): TopK {
  const rows = new Int32Array(k)
  const scores = new Float64Array(k)
  let size = 0

  const isWorse = (one: number, other: number): boolean => {
    const difference = (scores[one] as number) - (scores[other] as number)
    return difference < 0 || (difference === 0 && (rows[one] as number) > (rows[other] as number))
  }
  const swap = (one: number, other: number): void => {
    const row = rows[one] as number
    const score = scores[one] as number
    rows[one] = rows[other] as number
    scores[one] = scores[other] as number
    rows[other] = row
    scores[other] = score
  }
  const rise = (from: number): void => {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!isWorse(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }
  const sink = (limit: number): void => {
    for (let at = 0; ; ) {
      let worst = at
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < limit; child++)
        if (isWorse(child, worst)) worst = child
      if (worst === at) return
      swap(at, worst)
      at = worst
    }
  }

  return {
    offer(row, score) {
      if (size < k) {
        rows[size] = row
        scores[size] = score
        rise(size++)
        return
      }
      const worst = scores[0] as number
      if (k === 0 || score < worst || (score === worst && row > (rows[0] as number))) return
      rows[0] = row
      scores[0] = score
      sink(size)
    },
    drain() {
      for (let last = size - 1; last > 0; last--) {
        swap(0, last)
        sink(last)
      }
      return { rows: rows.subarray(0, size), scores: scores.subarray(0, size) }
    },
  }
}

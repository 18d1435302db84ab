/** First and last byte, both included. */
export interface ByteRange {
  first: number
  last: number
}

export type RangeAnswer =
  | { kind: 'WHOLE' }
  | { kind: 'PARTS'; ranges: [ByteRange, ...ByteRange[]] }
  | { kind: 'UNSATISFIABLE' }

const MAX_RANGES = 16
const WHOLE: RangeAnswer = { kind: 'WHOLE' }
const UNSATISFIABLE: RangeAnswer = { kind: 'UNSATISFIABLE' }

/**
 * Which bytes of a file of `size` a Range header asks for (RFC 9110, section 14). What is not a byte range is ignored, as the
 * RFC has it; a set of many ranges, or of more bytes than the file has, is refused as its section 14.2 allows.
 */
export function readRange(header: string | undefined, size: number): RangeAnswer {
  const set = /^bytes=(.*)$/i.exec(header ?? '')?.[1]
  if (set === undefined) return WHOLE
  const specs = set
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '')
  if (specs.length === 0) return WHOLE
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const range = readSpec(spec, size)
    if (range === null) return WHOLE
    if (range.first <= range.last) ranges.push(range)
  }
  const [head, ...tail] = ranges
  const asked = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  if (head === undefined || specs.length > MAX_RANGES || asked > size) return UNSATISFIABLE
  return { kind: 'PARTS', ranges: [head, ...tail] }
}

/** One `first-`, `first-last` or `-length`, cut to the file; empty (first beyond last) when it lies outside; null when malformed. */
function readSpec(spec: string, size: number): ByteRange | null {
  const match = /^(\d*)-(\d*)$/.exec(spec)
  const [from = '', to = ''] = match?.slice(1) ?? []
  if (match === null || (from === '' && to === '')) return null
  if (from === '') return { first: Math.max(0, size - Number(to)), last: size - 1 }
  if (to === '') return { first: Number(from), last: size - 1 }
  if (Number(from) > Number(to)) return null
  return { first: Number(from), last: Math.min(Number(to), size - 1) }
}

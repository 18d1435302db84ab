export type SectionName = 'intro' | 'verse' | 'chorus' | 'reprise' | 'outro'

/** A stretch of whole bars. `turn` counts how often the same kind of section came before. */
export interface Section {
  name: SectionName
  firstBar: number
  bars: number
  turn: number
}

/**
 * Cuts a piece of `bars` bars into intro, A (verse), B (chorus), A' (reprise) and outro; long pieces alternate A and B more
 * often, very short ones keep what fits. Sections are multiples of 4 or 2 bars where there is room, so phrases come out even.
 */
export function planForm(bars: number): Section[] {
  const unit = bars >= 32 ? 4 : bars >= 11 ? 2 : 1
  const units = Math.floor(bars / unit)
  const names = sectionNames(units, unit)
  const sizes = names.map((): number => unit)

  const frame = names.length >= 5 ? 1 : 0 // intro and outro keep one unit; what is left goes round the body
  const body = frame === 1 ? names.length - 2 : names.length
  for (let spare = units - names.length, turn = 0; spare > 0; spare--, turn++) {
    const index = frame + (turn % body)
    sizes[index] = (sizes[index] ?? 0) + unit
  }
  sizes[0] = (sizes[0] ?? 0) + bars - units * unit

  const turns = new Map<SectionName, number>()
  let firstBar = 0
  return names.map((name, index) => {
    const section: Section = { name, firstBar, bars: sizes[index] ?? unit, turn: turns.get(name) ?? 0 }
    turns.set(name, section.turn + 1)
    firstBar += section.bars
    return section
  })
}

function sectionNames(units: number, unit: number): SectionName[] {
  if (units <= 1) return ['verse']
  if (units === 2) return ['verse', 'outro']
  if (units === 3) return ['verse', 'chorus', 'outro']
  if (units === 4) return ['intro', 'verse', 'chorus', 'outro']
  const names: SectionName[] = ['intro', 'verse', 'chorus']
  const longest = 12 / unit // no section much longer than twelve bars
  for (let body = 3; (units - 2) / body > longest && body < 9; body += 2) names.push('verse', 'chorus')
  names.push('reprise', 'outro')
  return names
}

import type { Section } from './form.ts'
import { BEATS_PER_BAR } from './harmony.ts'
import type { Random } from './random.ts'

export type Drum = 'kick' | 'snare' | 'rim' | 'clap' | 'hat' | 'openHat' | 'shaker' | 'cymbal'

export interface Hit {
  drum: Drum
  beat: number
  velocity: number
}

type Style = 'none' | 'brushed' | 'backbeat' | 'fourOnTheFloor'

/** Sixteen characters a bar, one a sixteenth: x struck, o softly, . silent. */
interface Groove {
  kick: string
  back: string
  hat: string
}

const BRUSHED: readonly [Groove, ...Groove[]] = [
  { kick: 'o.........o.....', back: '....o.......o...', hat: 'o.o.x.o.o.o.x.o.' },
  { kick: 'o.......o.......', back: '............o...', hat: 'x.oox.oox.oox.oo' },
]
const BACKBEAT: readonly [Groove, ...Groove[]] = [
  { kick: 'x.......x.x.....', back: '....x.......x...', hat: 'x.o.x.o.x.o.x.o.' },
  { kick: 'x..x......x.....', back: '....x.......x...', hat: 'x.o.x.o.x.o.x.oo' },
  { kick: 'x.....x.x.......', back: '....x.......x..o', hat: 'xoo.xoo.xoo.xoo.' },
]
const FLOOR: readonly [Groove, ...Groove[]] = [
  { kick: 'x...x...x...x...', back: '....x.......x...', hat: '..x...x...x...x.' },
  { kick: 'x...x...x...x...', back: '....x.......x...', hat: 'o.x.o.x.o.x.o.xo' },
]

/** Drums for the whole piece: none when very calm, brushes, a backbeat, or four on the floor; they build from section to section. */
export function writeDrums(
  form: readonly Section[],
  random: Random,
  mood: { energy: number; danceability: number; acousticness: number },
): Hit[] {
  const style = styleOf(mood)
  if (style === 'none') return []
  const groove = random.pick(style === 'brushed' ? BRUSHED : style === 'backbeat' ? BACKBEAT : FLOOR)
  const hits: Hit[] = []

  for (const section of form) {
    const isFull = section.name === 'chorus' || section.name === 'reprise'
    for (let bar = 0; bar < section.bars; bar++) {
      const start = (section.firstBar + bar) * BEATS_PER_BAR
      const isLastBar = bar === section.bars - 1
      if (section.name === 'outro' && (bar > 0 || section.bars === 1)) break
      if (bar === 0 && isFull && style !== 'brushed')
        hits.push({ drum: 'cymbal', beat: start, velocity: 0.55 })
      const isIntro = section.name === 'intro'
      if (isIntro && bar < section.bars / 2) continue
      play(hits, groove.hat, start, style === 'brushed' ? 'shaker' : 'hat', isFull ? 0.75 : 0.55)
      if (isIntro) continue
      play(hits, groove.kick, start, 'kick', isFull ? 0.95 : 0.85)
      const back =
        style === 'brushed' || (!isFull && mood.energy < 0.55)
          ? 'rim'
          : mood.danceability > 0.65
            ? 'clap'
            : 'snare'
      play(hits, groove.back, start, back, isFull ? 0.85 : 0.7)
      if (isFull && style !== 'brushed' && bar % 2 === 1)
        hits.push({ drum: 'openHat', beat: start + 3.5, velocity: 0.5 })
      if (isLastBar && style !== 'brushed') fill(hits, start, random)
    }
  }
  return hits
}

function styleOf(mood: { energy: number; danceability: number; acousticness: number }): Style {
  const drive = mood.energy * 0.75 + mood.danceability * 0.25
  if (drive < 0.3) return 'none'
  if (drive < 0.46 || (mood.acousticness > 0.75 && drive < 0.6)) return 'brushed'
  return mood.danceability > 0.62 && drive > 0.55 ? 'fourOnTheFloor' : 'backbeat'
}

function play(hits: Hit[], pattern: string, start: number, drum: Drum, velocity: number): void {
  for (let step = 0; step < pattern.length; step++) {
    const mark = pattern[step]
    if (mark !== 'x' && mark !== 'o') continue
    hits.push({ drum, beat: start + step / 4, velocity: mark === 'x' ? velocity : velocity * 0.5 })
  }
}

/** Leads over the bar line: a few soft strokes growing towards the next section. */
function fill(hits: Hit[], start: number, random: Random): void {
  for (const [index, beat] of random
    .pick([
      [3, 3.5, 3.75],
      [3.25, 3.5, 3.75],
      [2.5, 3, 3.5],
    ])
    .entries()) {
    hits.push({ drum: 'snare', beat: start + beat, velocity: 0.35 + index * 0.12 })
  }
}

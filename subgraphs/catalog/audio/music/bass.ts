import type { ChordSpan } from './harmony.ts'
import type { Note } from './note.ts'
import type { Random } from './random.ts'
import type { Scale } from './scale.ts'

/** [beat in the bar, beats, degrees above the root, velocity] */
type Hit = readonly [number, number, number, number]
type Pattern = readonly Hit[]
type Patterns = readonly [Pattern, ...Pattern[]]

const HELD: Patterns = [[[0, 4, 0, 0.7]]]
const WALKING: Patterns = [
  [
    [0, 1.9, 0, 0.8],
    [2, 1.9, 4, 0.65],
  ],
  [
    [0, 1.4, 0, 0.8],
    [1.5, 0.45, 0, 0.6],
    [2, 1.4, 0, 0.75],
    [3.5, 0.45, 4, 0.6],
  ],
  [
    [0, 2.4, 0, 0.8],
    [2.5, 0.45, 0, 0.65],
    [3, 0.9, 4, 0.65],
  ],
]
const DRIVING: Patterns = [
  [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5].map((beat): Hit => [beat, 0.42, 0, beat % 1 === 0 ? 0.78 : 0.6]),
  [
    [0, 0.7, 0, 0.85],
    [0.75, 0.7, 0, 0.7],
    [1.5, 0.45, 0, 0.7],
    [2, 0.9, 0, 0.8],
    [3, 0.45, 4, 0.65],
    [3.5, 0.45, 0, 0.65],
  ],
]
const DANCING: Patterns = [
  [0.5, 1.5, 2.5, 3.5].map((beat): Hit => [beat, 0.45, 0, 0.8]),
  [
    [0, 0.45, 0, 0.75],
    [0.5, 0.4, 7, 0.6],
    [1.5, 0.45, 0, 0.75],
    [2, 0.45, 0, 0.7],
    [2.5, 0.4, 7, 0.6],
    [3.5, 0.45, 4, 0.7],
  ],
]

/** A bass line: held roots when calm, walking, driving eighths, or off the beat to dance; silent in the intro unless calm. */
export function writeBass(
  spans: readonly ChordSpan[],
  scale: Scale,
  random: Random,
  mood: { energy: number; danceability: number },
): Note[] {
  const busy =
    mood.energy < 0.25 ? HELD : mood.energy < 0.6 ? WALKING : mood.danceability > 0.62 ? DANCING : DRIVING
  const plain = mood.energy < 0.45 ? HELD : WALKING
  const verse = random.pick(mood.energy < 0.7 ? (random.chance(0.5) ? plain : busy) : busy)
  const chorus = random.pick(busy)
  const notes: Note[] = []

  spans.forEach((span, index) => {
    const { name } = span.section
    if (name === 'intro' && mood.energy >= 0.25) return
    const isResting =
      name === 'outro' || name === 'intro' || (span.isLast && name !== 'chorus' && span.beats < 4)
    const pattern = isResting ? HELD[0] : name === 'verse' ? verse : chorus
    const next = spans[index + 1]
    for (let bar = 0; bar < span.beats; bar += 4) {
      for (const [beat, beats, above, velocity] of pattern) {
        if (bar + beat >= span.beats) continue
        const length = Math.min(beats, span.beats - bar - beat)
        const isPickup = next !== undefined && beats < 1 && bar + beat + 0.5 >= span.beats
        const degree =
          isPickup && random.chance(0.35) ? next.chord.root + random.pick([-1, 1]) : span.chord.root + above
        notes.push({ beat: span.beat + bar + beat, beats: length, pitch: deep(scale, degree), velocity })
      }
    }
  })
  return notes
}

/** Bass notes stay in E1 to E3 whatever the key. */
function deep(scale: Scale, degree: number): number {
  let pitch = scale.pitch(degree, 33)
  while (pitch > 47) pitch -= 12
  while (pitch < 28) pitch += 12
  return pitch
}

import type { Random } from './random.ts'

/** One step of a motif: where in its bar, how long, and how many degrees above the anchor. */
export interface MotifStep {
  beat: number
  beats: number
  degree: number
}

/** Two bars that belong together: a call and its answer. A third bar varies the call, the fourth closes on a long note. */
export interface Motif {
  call: readonly MotifStep[]
  answer: readonly MotifStep[]
  close: readonly MotifStep[]
}

const LOWEST = -3
const HIGHEST = 4

type Rhythm = readonly number[] // beats of each note; negative is a rest; always four beats in all
type Rhythms = readonly [Rhythm, ...Rhythm[]]

const CALM: Rhythms = [
  [3, -1],
  [2, 2],
  [1.5, 0.5, 2],
  [-1, 1, 2],
  [2, 1, -1],
]
const WALKING: Rhythms = [
  [1, 1, 1, -1],
  [1.5, 0.5, 1, 1],
  [1, 0.5, 0.5, 2],
  [-0.5, 0.5, 1, 1, -1],
  [1.5, 1.5, 1],
  [0.5, 0.5, 1, 2],
]
const LIVELY: Rhythms = [
  [0.5, 0.5, 1, 0.5, 0.5, -1],
  [0.75, 0.75, 0.5, 1, -1],
  [-0.5, 0.5, 0.5, 0.5, 1.5, 0.5],
  [1, 0.5, 0.5, 0.5, 0.5, 1],
  [0.5, 1, 0.5, 0.75, 0.75, 0.5],
  [1.5, 0.5, 0.5, 0.5, -1],
]
const CLOSES: Rhythms = [
  [1, 1, 2],
  [0.5, 0.5, 1, 2],
  [1.5, 0.5, 2],
  [1, 3],
]

/** Invents a motif; `pace` (0 to 1) is how many notes it has. Contours mostly step, and a leap is answered by a step back. */
export function inventMotif(random: Random, pace: number): Motif {
  const pool = pace < 0.33 ? CALM : pace < 0.66 ? WALKING : LIVELY
  const call = shape(random.pick(pool), random, 0)
  const answer = shape(random.pick(pool), random, call.at(-1)?.degree ?? 0)
  const close = shape(random.pick(CLOSES), random, 1)
  return { call, answer, close }
}

function shape(rhythm: Rhythm, random: Random, from: number): MotifStep[] {
  const steps: MotifStep[] = []
  let beat = 0
  let degree = from
  let leapt = 0
  for (const beats of rhythm) {
    if (beats > 0) {
      steps.push({ beat, beats, degree })
      const step = leapt !== 0 ? -Math.sign(leapt) : nextStep(random, degree)
      leapt = Math.abs(step) >= 3 ? step : 0
      degree = Math.max(LOWEST, Math.min(HIGHEST, degree + step))
    }
    beat += Math.abs(beats)
  }
  return steps
}

function nextStep(random: Random, degree: number): number {
  const chance = random.next()
  const size = chance < 0.12 ? 0 : chance < 0.7 ? 1 : chance < 0.9 ? 2 : 3
  const homeward = degree > 2 ? -1 : degree < -2 ? 1 : 0
  if (homeward !== 0 && random.chance(0.75)) return size * homeward
  return random.chance(0.5) ? size : -size
}

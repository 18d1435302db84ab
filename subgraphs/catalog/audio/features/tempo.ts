const SLOWEST = 60
const FASTEST = 200
/** Where listeners tap when a pulse could be counted in two ways: about two beats a second, and how far around it (in octaves). */
const LIKELIEST = 120
const SPREAD = 0.9

/** Beats a minute, and how clear they are: 0 is no pulse at all, 1 a metronome. */
export interface Pulse {
  tempo: number
  clarity: number
}

/**
 * The pulse of a curve of onsets taken `rate` times a second: the time after which it is most like itself, heard as listeners would
 * (autocorrelation under a bell around two beats a second, after Ellis, 2007).
 */
export function findPulse(onsets: Float32Array, rate: number): Pulse {
  const [shortest, longest] = [Math.floor((60 * rate) / FASTEST), Math.ceil((60 * rate) / SLOWEST)]
  if (onsets.length < 4 * longest) return { tempo: LIKELIEST, clarity: 0 }
  const curve = centred(onsets, rate)
  const power = likeness(curve, 0)
  if (power === 0) return { tempo: LIKELIEST, clarity: 0 }

  const scores = new Map<number, number>()
  for (let lag = shortest; lag <= longest; lag++)
    scores.set(lag, weight((60 * rate) / lag) * comb(curve, lag))
  const [best] = [...scores].reduce((top, one) => (one[1] > top[1] ? one : top))
  const lag = best + vertex(comb(curve, best - 1), comb(curve, best), comb(curve, best + 1))
  const strength = likeness(curve, best) / power
  return { tempo: (60 * rate) / lag, clarity: Math.min(1, Math.max(0, strength * 1.5)) }
}

/** A beat is also heard after two and after four: what is like itself then is rather a beat than its half. */
function comb(curve: Float32Array, lag: number): number {
  return likeness(curve, lag) + 0.5 * likeness(curve, 2 * lag) + 0.25 * likeness(curve, 4 * lag)
}

function likeness(curve: Float32Array, lag: number): number {
  let sum = 0
  for (let index = lag; index < curve.length; index++)
    sum += (curve[index] as number) * (curve[index - lag] as number)
  return sum / Math.max(1, curve.length - lag)
}

/** The curve less what it is around each moment, so that a loud chorus is no onset. */
function centred(onsets: Float32Array, rate: number): Float32Array {
  const reach = Math.round(rate)
  const centredCurve = new Float32Array(onsets.length)
  let sum = 0
  for (let index = 0; index < onsets.length + reach; index++) {
    sum += onsets[index] ?? 0
    if (index >= 2 * reach) sum -= onsets[index - 2 * reach] as number
    const middle = index - reach
    if (middle >= 0) centredCurve[middle] = Math.max(0, (onsets[middle] as number) - sum / (2 * reach))
  }
  return centredCurve
}

function weight(tempo: number): number {
  return Math.exp(-0.5 * (Math.log2(tempo / LIKELIEST) / SPREAD) ** 2)
}

/** Where between -0.5 and 0.5 a parabola through three neighbours is highest. */
function vertex(before: number, at: number, after: number): number {
  const bend = before - 2 * at + after
  return bend >= 0 ? 0 : Math.max(-0.5, Math.min(0.5, (0.5 * (before - after)) / bend))
}

import type { Features } from '../../models.ts'
import { findKey, parseKey } from './key.ts'
import { createSpectrum } from './spectrum.ts'
import { findPulse } from './tempo.ts'

/** What the owner's tags say of tempo and key: they know better than any signal. */
export interface TaggedFeatures {
  bpm: number | null
  key: string | null
}

/** Listens to a piece as it is decoded, in memory that grows by two kilobytes a minute. */
export interface FeatureEstimator {
  push(left: Float32Array, right: Float32Array): void
  /** `lufs` is the piece's integrated loudness. */
  estimate(lufs: number): Features
}

const ONSET_FRAME = 1_024
const ONSET_HOP = 512
const CHROMA_FRAME = 4_096
const [LOWEST_NOTE, HIGHEST_NOTE] = [45, 95] // A2 to B6: below it semitones share a bin, above it there are only overtones
const LONGEST_S = 600 // pulse and key of ten minutes are those of the piece

/**
 * What can be said of music without a model. Tempo, key and loudness are measured; energy, danceability, acousticness and valence follow
 * from loudness, brightness, onsets, pulse and mode by hand-made rules; speechiness and instrumentalness are little more than a guess.
 */
export function createFeatureEstimator(rate: number): FeatureEstimator {
  const thinning = Math.max(1, Math.round(rate / 22_050))
  const low = rate / thinning
  const onsets: number[] = []
  const chroma = new Array<number>(12).fill(0)
  const bands = createBands(low)
  const onsetSpectrum = createSpectrum(ONSET_FRAME)
  const chromaSpectrum = createSpectrum(CHROMA_FRAME)
  const pitches = pitchesOf(low)
  const totals = { frames: 0, quiet: 0, brightness: 0, flatness: 0 }

  const onsetFrames = createFrames(ONSET_FRAME, ONSET_HOP, (frame) => {
    if ((onsets.length * ONSET_HOP) / low > LONGEST_S) return
    const power = onsetSpectrum(frame)
    onsets.push(bands.rise(power))
    const shape = shapeOf(power)
    totals.frames++
    if (shape.power < 1e-4) totals.quiet++
    else {
      totals.brightness += shape.centroid / power.length
      totals.flatness += shape.flatness
    }
  })
  const chromaFrames = createFrames(CHROMA_FRAME, CHROMA_FRAME / 2, (frame) => {
    if ((onsets.length * ONSET_HOP) / low > LONGEST_S) return
    const power = chromaSpectrum(frame)
    const frameChroma = new Array<number>(12).fill(0)
    for (const [bin, pitch] of pitches)
      frameChroma[pitch] = (frameChroma[pitch] ?? 0) + Math.sqrt(power[bin] as number)
    const loudest = Math.max(...frameChroma, 1e-9)
    // Each moment counts the same: the key of a piece is not the chord of its loudest bar.
    for (const [pitch, value] of frameChroma.entries()) chroma[pitch] = (chroma[pitch] ?? 0) + value / loudest
  })

  let held = 0
  let count = 0
  return {
    push(left, right) {
      const mono = new Float32Array(Math.ceil(left.length / thinning) + 1)
      let length = 0
      for (let index = 0; index < left.length; index++) {
        held += (left[index] as number) + (right[index] as number)
        if (++count === thinning) {
          mono[length++] = held / (2 * thinning)
          held = count = 0
        }
      }
      const piece = mono.subarray(0, length)
      onsetFrames(piece)
      chromaFrames(piece)
    },
    estimate(lufs) {
      const pulse = findPulse(Float32Array.from(onsets), low / ONSET_HOP)
      const sounding = Math.max(1, totals.frames - totals.quiet)
      const { tempo } = pulse
      const tonality = findKey(chroma)
      const loud = unit((lufs + 35) / 29)
      const bright = unit((totals.brightness / sounding - 0.03) / 0.3)
      const noisy = unit((totals.flatness / sounding) * 4)
      const busy = unit(mean(onsets) / 1.2)
      const paused = totals.quiet / Math.max(1, totals.frames)
      const energy = unit(0.6 * loud + 0.2 * bright + 0.2 * busy)
      return {
        tempo: Math.round(tempo * 10) / 10,
        ...tonality,
        loudness: Math.round(lufs * 100) / 100,
        energy: round(energy),
        danceability: round(unit(0.7 * pulse.clarity + 0.3 * (1 - Math.min(1, Math.abs(tempo - 118) / 80)))),
        valence: round(
          unit(0.3 * tonality.mode + 0.3 * unit((tempo - 60) / 110) + 0.2 * bright + 0.2 * energy),
        ),
        acousticness: round(unit(1 - 0.6 * energy - 0.4 * noisy)),
        speechiness: round(unit(0.03 + 0.5 * paused * (1 - pulse.clarity))),
        instrumentalness: round(unit(0.5 + 0.3 * pulse.clarity - paused)),
      }
    },
  }
}

/** What was heard, but for what is known. */
export function withTagged(heard: Features, { bpm, key }: TaggedFeatures): Features {
  return { ...heard, tempo: bpm ?? heard.tempo, ...(key === null ? null : parseKey(key)) }
}

/** Cuts a stream into frames that overlap. */
function createFrames(
  size: number,
  hop: number,
  use: (frame: Float32Array) => void,
): (samples: Float32Array) => void {
  const frame = new Float32Array(size)
  let filled = 0
  return (samples) => {
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(size - filled, samples.length - at)
      frame.set(samples.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < size) continue
      use(frame)
      frame.copyWithin(0, hop)
      filled = size - hop
    }
  }
}

/** How much louder each third of an octave is than a moment ago, added up: notes and drums begin, nothing ends. */
function createBands(rate: number): { rise(power: Float64Array): number } {
  const binHz = rate / ONSET_FRAME
  const edges: number[] = [2]
  while ((edges.at(-1) as number) < ONSET_FRAME / 2 - 1)
    edges.push(Math.min(ONSET_FRAME / 2 - 1, Math.ceil((edges.at(-1) as number) * 2 ** (1 / 3))))
  const before = new Float64Array(edges.length)
  return {
    rise(power) {
      let rise = 0
      for (let band = 0; band + 1 < edges.length; band++) {
        let sum = 0
        for (let bin = edges[band] as number; bin < (edges[band + 1] as number); bin++)
          sum += power[bin] as number
        const level = Math.log10(1 + (sum * 1e3) / binHz)
        rise += Math.max(0, level - (before[band] as number))
        before[band] = level
      }
      return rise
    },
  }
}

/** Bins of the chroma frame with the pitch class each belongs to. */
function pitchesOf(rate: number): [bin: number, pitch: number][] {
  const binHz = rate / CHROMA_FRAME
  const pitches: [number, number][] = []
  for (let bin = 1; bin < CHROMA_FRAME / 2; bin++) {
    const note = 69 + 12 * Math.log2((bin * binHz) / 440)
    const isNear = Math.abs(note - Math.round(note)) < 0.35
    if (isNear && note >= LOWEST_NOTE && note <= HIGHEST_NOTE) pitches.push([bin, Math.round(note) % 12])
  }
  return pitches
}

/** Power, the bin it is centred on, and how flat it is: 1 is noise, 0 a tone. */
function shapeOf(power: Float64Array): { power: number; centroid: number; flatness: number } {
  let [sum, moment, logs] = [0, 0, 0]
  for (let bin = 1; bin < power.length; bin++) {
    const value = (power[bin] as number) + 1e-12
    sum += value
    moment += Math.sqrt(value) * bin
    logs += Math.log(value)
  }
  let amplitudes = 0
  for (let bin = 1; bin < power.length; bin++) amplitudes += Math.sqrt((power[bin] as number) + 1e-12)
  const bins = power.length - 1
  return { power: sum, centroid: moment / amplitudes, flatness: Math.exp(logs / bins) / (sum / bins) }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

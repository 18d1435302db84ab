import { writeEnding, writeFigure, writePad, writeSparkle } from './music/accompaniment.ts'
import { type Player, pickBand } from './music/band.ts'
import { writeBass } from './music/bass.ts'
import { createDesk, pour } from './music/desk.ts'
import { createDrumKit } from './music/drum-kit.ts'
import { writeDrums } from './music/drums.ts'
import { addEcho, duck } from './music/effects.ts'
import { planForm } from './music/form.ts'
import { BEATS_PER_BAR, harmonise } from './music/harmony.ts'
import { master } from './music/mastering.ts'
import { writeMelody } from './music/melody.ts'
import { type Clock, playDrums, playNotes } from './music/mixing.ts'
import type { Note } from './music/note.ts'
import { createRandom, type Random } from './music/random.ts'
import { addHall } from './music/reverb.ts'
import { createScale } from './music/scale.ts'
import { SAMPLE_RATE, type StereoPcm, samplesIn } from './pcm.ts'
import { playedTempo, type Score } from './score.ts'

/** Samples of digital silence every piece begins with: more than an AAC encoder's first, empty, frame of 1024. */
export const LEAD_SILENCE = 2_048

/**
 * Composes and renders a track from its own audio features: exactly `durationMs` of stereo at 44.1 kHz, no sample above
 * -1 dBFS, the same samples for the same score, always.
 */
export function compose(score: Score): StereoPcm {
  const random = createRandom(`composition ${score.seed}`)
  const samples = Math.round((score.durationMs * SAMPLE_RATE) / 1000)
  const beat = (60 / playedTempo(score.tempo)) * SAMPLE_RATE
  const ending = Math.min(4, score.durationMs / 5_000) // seconds at least for the last chord to ring
  const bars = Math.max(1, Math.floor((samples - LEAD_SILENCE - samplesIn(ending)) / (beat * BEATS_PER_BAR)))
  const clock: Clock = { beat, lead: LEAD_SILENCE, swing: pickSwing(random, score) }
  const ring = (samples - LEAD_SILENCE) / beat - bars * BEATS_PER_BAR

  const form = planForm(bars)
  const scale = createScale(score.key, score.mode)
  const colour = 0.25 + score.acousticness * 0.3 + (1 - score.energy) * 0.25
  const chordBeats = pickChordBeats(beat / SAMPLE_RATE, score.energy)
  const spans = harmonise(form, scale, random, { valence: score.valence, colour, chordBeats })
  const band = pickBand(random, score)
  const melody = writeMelody(form, spans, scale, random, paceOf(score))
  const hits = writeDrums(form, random, score)
  const last = writeEnding(spans, scale, bars * BEATS_PER_BAR, ring)

  const { mix, bus, room } = createDesk(samples)
  const perform = (player: Player, notes: readonly Note[]): void =>
    playNotes(bus, notes, player.instrument, player.seat, clock)

  perform(band.pad, [...writePad(spans), ...last.pad])
  duck(bus, hits, clock, score.danceability * 0.55)
  pour(bus, mix, room, band.pad.toRoom)

  perform(band.figure, [...writeFigure(spans, band.style, random), ...last.figure])
  duck(bus, hits, clock, score.danceability * 0.25)
  pour(bus, mix, room, band.figure.toRoom)

  perform(band.sparkle, writeSparkle(spans, score.energy, random))
  addEcho(bus, (beat * 0.75) / SAMPLE_RATE, 0.3)
  pour(bus, mix, room, band.sparkle.toRoom)

  perform(band.bass, [...writeBass(spans, scale, random, score), ...last.bass])
  duck(bus, hits, clock, 0.35)
  pour(bus, mix, room, band.bass.toRoom)

  perform(band.lead, melody.lead)
  perform(band.second, melody.second)
  addEcho(bus, (beat * 0.75) / SAMPLE_RATE, 0.24)
  pour(bus, mix, room, band.lead.toRoom)

  playDrums(bus, hits, createDrumKit(), clock)
  pour(bus, mix, room, 0.07)

  addHall(mix, room, 1.3 + (1 - score.energy) * 1.6, 0.55)
  master(mix, { lufs: -18 + score.energy * 5, presence: 0.5 + score.energy * 0.5, fade: Math.min(ending, 3) })
  return mix
}

/** Acoustic and easy-going tracks swing a little; fast or driving ones do not. */
function pickSwing(random: Random, score: Score): number {
  if (score.tempo > 135 || score.energy > 0.75) return 0.5
  return random.chance(0.2 + score.acousticness * 0.4) ? 0.54 + random.next() * 0.06 : 0.5
}

/** Chords change about every two seconds, more slowly when calm. */
function pickChordBeats(beatSeconds: number, energy: number): number {
  const barSeconds = beatSeconds * BEATS_PER_BAR
  if (barSeconds < 1.45 || (energy < 0.25 && barSeconds < 3)) return 8
  return barSeconds > 3.4 && energy > 0.4 ? 2 : 4
}

/** How many notes the melody has, 0 to 1: a fast beat needs fewer of them. */
function paceOf(score: Score): number {
  const haste = Math.max(0, playedTempo(score.tempo) - 115) / 120
  return Math.max(0, Math.min(1, score.energy * 0.75 + score.danceability * 0.3 - haste))
}

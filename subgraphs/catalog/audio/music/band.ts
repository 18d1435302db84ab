import { playedTempo, type Score } from '../score.ts'
import { type Figure, pickFigure } from './accompaniment.ts'
import {
  FLUTE,
  GLASS_PAD,
  type Instrument,
  KEYS,
  MALLET,
  PLUCK,
  ROUND_BASS,
  SLOW_BASS,
  STRING,
  SYNTH_BASS,
  SYNTH_LEAD,
  VOICE,
  WARM_PAD,
} from './instruments.ts'
import type { Seat } from './mixing.ts'
import type { Random } from './random.ts'

/** One player: what it plays, where it sits, and how much of it the hall answers (0 to 1). */
export interface Player {
  instrument: Instrument
  seat: Seat
  toRoom: number
}

/** Who plays a track, from how acoustic, sung and lively it is. */
export interface Band {
  pad: Player
  figure: Player
  bass: Player
  lead: Player
  second: Player
  sparkle: Player
  style: Figure
}

export function pickBand(random: Random, score: Score): Band {
  const style = pickFigure(random, score)
  const lead = pickLead(random, score)
  const figure = style === 'bells' ? random.pick([MALLET, KEYS]) : pickFigurePlayer(random, score)
  const isCalm = score.energy < 0.25
  const pad = isCalm || random.chance(0.35) ? GLASS_PAD : WARM_PAD
  const bass = isCalm ? SLOW_BASS : score.energy > 0.55 && score.acousticness < 0.45 ? SYNTH_BASS : ROUND_BASS
  const sparkle = score.acousticness > 0.5 || isCalm ? MALLET : PLUCK
  const leadGain = gainOf(lead) * (isCalm ? 0.8 : 1)
  return {
    style,
    pad: { instrument: pad, seat: { gain: isCalm ? 0.05 : 0.038, pan: 0, width: 0 }, toRoom: 0.5 },
    figure: {
      instrument: figure,
      seat: { gain: figureGain(figure, style, score.tempo), pan: 0, width: 0.35 },
      toRoom: 0.35,
    },
    bass: { instrument: bass, seat: { gain: isCalm ? 0.075 : 0.115, pan: 0, width: 0 }, toRoom: 0.04 },
    sparkle: {
      instrument: sparkle,
      seat: { gain: sparkle === MALLET ? 0.17 : 0.15, pan: 0.25, width: 0.9 },
      toRoom: 0.5,
    },
    lead: { instrument: lead, seat: { gain: leadGain, pan: 0.04, width: 0.1 }, toRoom: 0.4 },
    second: { instrument: lead, seat: { gain: leadGain * 0.75, pan: -0.35, width: 0.1 }, toRoom: 0.5 },
  }
}

function pickLead(random: Random, score: Score): Instrument {
  if (score.instrumentalness < 0.4) return VOICE
  if (score.energy < 0.25) return random.pick([FLUTE, MALLET, KEYS])
  if (score.acousticness > 0.5) return random.pick([FLUTE, MALLET, STRING])
  return random.pick([SYNTH_LEAD, FLUTE, KEYS])
}

function pickFigurePlayer(random: Random, score: Score): Instrument {
  if (score.acousticness > 0.5) return random.pick([STRING, STRING, KEYS])
  return score.energy > 0.5 ? random.pick([PLUCK, KEYS, PLUCK]) : random.pick([KEYS, MALLET, PLUCK])
}

/** Struck sounds die away, so they start louder than sung ones to weigh the same. */
function gainOf(lead: Instrument): number {
  if (lead.isStruck) return lead === STRING ? 0.29 : 0.3
  return lead === SYNTH_LEAD ? 0.12 : 0.14
}

/** Chords struck whole are softer than single notes, and so are notes that come fast and ring into each other. */
function figureGain(instrument: Instrument, style: Figure, tempo: number): number {
  const base = instrument === STRING ? 0.24 : instrument === PLUCK ? 0.23 : 0.2
  const crowding = Math.sqrt(Math.max(0.6, Math.min(1.3, 110 / playedTempo(tempo))))
  return base * crowding * (style === 'strum' || style === 'stabs' ? 0.6 : 1)
}

import { AXES, type Axis, WEIGHTS } from './features.ts'

export type Activity = 'WORKOUT' | 'COMMUTE' | 'FOCUS' | 'PARTY' | 'RELAX' | 'SLEEP'
export type TimeOfDay = 'MORNING' | 'AFTERNOON' | 'EVENING' | 'NIGHT'

/** When and for what somebody wants to listen. */
export interface Moment {
  activity: Activity | null
  timeOfDay: TimeOfDay | null
}

type Shift = Readonly<Partial<Record<Axis, number>>>

/**
 * Where a moment moves what is looked for, in deviations of the catalogue: a workout after a quiet song looks a deviation and
 * more towards energy from that song. Judgement, not measurement: no listening in context has been seen yet.
 */
const ACTIVITY_SHIFTS: Readonly<Record<Activity, Shift>> = {
  WORKOUT: { energy: 1.2, tempo: 0.8, danceability: 0.4, loudness: 0.6, acousticness: -0.8 },
  COMMUTE: { energy: 0.2, valence: 0.3 },
  FOCUS: { instrumentalness: 1.2, speechiness: -0.8, energy: -0.3, loudness: -0.3 },
  PARTY: { danceability: 1, energy: 0.8, valence: 0.6, loudness: 0.4, acousticness: -0.5 },
  RELAX: { energy: -0.8, acousticness: 0.6, loudness: -0.5, tempo: -0.4 },
  SLEEP: {
    energy: -1.6,
    loudness: -1.2,
    tempo: -0.8,
    acousticness: 1,
    instrumentalness: 0.8,
    danceability: -0.6,
    speechiness: -0.5,
  },
}

/** The hour says less than what somebody does. */
const TIME_SHIFTS: Readonly<Record<TimeOfDay, Shift>> = {
  MORNING: { energy: 0.2, valence: 0.3 },
  AFTERNOON: { energy: 0.2 },
  EVENING: { danceability: 0.2, acousticness: 0.1 },
  NIGHT: { energy: -0.4, loudness: -0.3, tempo: -0.2 },
}

/** The moment's shift in the units of scaled coordinates, or null when there is none. */
export function shiftOf(moment: Moment): Float32Array | null {
  const activity = moment.activity === null ? {} : ACTIVITY_SHIFTS[moment.activity]
  const time = moment.timeOfDay === null ? {} : TIME_SHIFTS[moment.timeOfDay]
  if (moment.activity === null && moment.timeOfDay === null) return null
  return Float32Array.from(AXES, (axis) => WEIGHTS[axis] * ((activity[axis] ?? 0) + (time[axis] ?? 0)))
}

import { expect, test } from 'vitest'
import { type AudioFeatures, AXES, type Axis, scale, toCoordinates, WEIGHTS } from './features.ts'

const SOUND: AudioFeatures = {
  tempo: 120,
  key: 0,
  mode: 1,
  energy: 0.5,
  danceability: 0.5,
  valence: 0.5,
  acousticness: 0.25,
  instrumentalness: 0.0016,
  loudness: -8,
  speechiness: 0.08,
}

test('half and double tempo are at one place of the bar, a tritone of it apart', () => {
  const at = (tempo: number) => point({ tempo }, ['beatX', 'beatY'])

  expect(apart(at(120), at(60))).toBeCloseTo(0)
  expect(apart(at(120), at(240))).toBeCloseTo(0)
  expect(apart(at(120), at(120 * Math.SQRT2))).toBeCloseTo(2)
})

test('keys a fifth apart are neighbours, keys a tritone apart opposite, and a minor key is where its relative major is', () => {
  const at = (key: number, mode = 1) => point({ key, mode }, ['fifthX', 'fifthY'])
  const step = 2 * Math.sin(Math.PI / 12)

  expect(apart(at(0), at(7))).toBeCloseTo(step)
  expect(apart(at(0), at(5))).toBeCloseTo(step)
  expect(apart(at(0), at(6))).toBeCloseTo(2)
  expect(apart(at(0), at(9, 0))).toBeCloseTo(0)
})

test('shares that crowd at zero are spread out', () => {
  expect(point({}, ['acousticness', 'instrumentalness'])).toEqual([0.5, expect.closeTo(0.2)])
  expect(point({}, ['speechiness'])[0]).toBeCloseTo(Math.log(0.1))
})

test('scaled, an axis has mean 0 and its weight as deviation; an axis on which all agree says nothing', () => {
  const rows = table([{ energy: 0.2 }, { energy: 0.4 }, { energy: 0.6 }, { energy: 0.8 }])
  scale(rows)

  const energy = column(rows, 'energy')
  expect(energy.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0)
  expect(Math.sqrt(energy.reduce((sum, value) => sum + value ** 2, 0) / 4)).toBeCloseTo(WEIGHTS.energy)
  expect(column(rows, 'valence')).toEqual([0, 0, 0, 0])
})

test('an unknown year lies in the middle, and one odd track does not stretch the axis', () => {
  const rows = table([...Array(99).fill({}), { loudness: -60 }], [1990, 2010])
  scale(rows)

  expect(column(rows, 'year').slice(2)).toEqual(Array(98).fill(0))
  expect(column(rows, 'year').slice(0, 2)).toEqual([
    expect.closeTo(-WEIGHTS.year),
    expect.closeTo(WEIGHTS.year),
  ])
  expect(column(rows, 'loudness').at(-1)).toBeCloseTo(-3 * WEIGHTS.loudness)
})

function point(sound: Partial<AudioFeatures>, axes: readonly Axis[]): number[] {
  const all = toCoordinates({ ...SOUND, ...sound }, null)
  return axes.map((axis) => all[AXES.indexOf(axis)] as number)
}

function apart(one: readonly number[], other: readonly number[]): number {
  return Math.hypot(...one.map((value, index) => value - (other[index] as number)))
}

function table(sounds: readonly Partial<AudioFeatures>[], years: readonly number[] = []): Float32Array {
  return Float32Array.from(
    sounds.flatMap((sound, row) => toCoordinates({ ...SOUND, ...sound }, years[row] ?? null)),
  )
}

function column(rows: Float32Array, axis: Axis): number[] {
  const at = AXES.indexOf(axis)
  return [...rows].filter((_, index) => index % AXES.length === at)
}

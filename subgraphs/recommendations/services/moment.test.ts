import { expect, test } from 'vitest'
import { AXES, type Axis, WEIGHTS } from './features.ts'
import { type Activity, shiftOf, type TimeOfDay } from './moment.ts'

test('an activity and an hour add up, each axis by its weight', () => {
  const shift = along({ activity: 'WORKOUT', timeOfDay: 'MORNING' })

  expect(shift('energy')).toBeCloseTo(WEIGHTS.energy * (1.2 + 0.2))
  expect(shift('valence')).toBeCloseTo(WEIGHTS.valence * 0.3)
  expect(shift('tempo')).toBeCloseTo(WEIGHTS.tempo * 0.8)
  expect(shift('mode')).toBe(0)
})

test('without a moment nothing moves', () => {
  expect(shiftOf({ activity: null, timeOfDay: null })).toBeNull()
})

test('no hour moves the target as far as any activity does', () => {
  const activities: Activity[] = ['WORKOUT', 'FOCUS', 'PARTY', 'RELAX', 'SLEEP']
  const hours: TimeOfDay[] = ['MORNING', 'AFTERNOON', 'EVENING', 'NIGHT']
  const far = (shift: Float32Array | null) => Math.hypot(...(shift ?? []))

  const leastActivity = Math.min(...activities.map((activity) => far(shiftOf({ activity, timeOfDay: null }))))
  expect(Math.max(...hours.map((timeOfDay) => far(shiftOf({ activity: null, timeOfDay }))))).toBeLessThan(
    leastActivity,
  )
})

function along(moment: { activity: Activity; timeOfDay: TimeOfDay }): (axis: Axis) => number {
  const shift = shiftOf(moment)
  return (axis) => shift?.[AXES.indexOf(axis)] as number
}

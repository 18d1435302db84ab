import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { derivedId, isIdOf, newId, nodeTypeOf } from './id.ts'

test('new ids are all different and sort in the order of the milliseconds they were made in', async () => {
  const batches: string[][] = []
  for (let round = 0; round < 5; round++) {
    batches.push(Array.from({ length: 200 }, () => newId('track')))
    await sleep(2)
  }
  const ids = batches.flat()

  expect(new Set(ids).size).toBe(1_000)
  expect(ids.every((id) => /^track_[0-9A-Za-z]{22}$/.test(id))).toBe(true)
  for (const [index, batch] of batches.entries())
    for (const later of batches.slice(index + 1))
      expect((batch.toSorted().at(-1) as string) < (later.toSorted()[0] as string)).toBe(true)
})

test('the same key gives the same id, and another kind or key another', () => {
  expect(derivedId('track', 'demo:one')).toBe(derivedId('track', 'demo:one'))
  expect(new Set([derivedId('track', 'a'), derivedId('track', 'b'), derivedId('album', 'a')]).size).toBe(3)
})

test('an id says what it stands for', () => {
  expect(nodeTypeOf(newId('track'))).toBe('Track')
  expect(nodeTypeOf(derivedId('artist', 'a'))).toBe('Artist')
  expect(isIdOf('track', newId('track'))).toBe(true)
  expect(isIdOf('track', newId('artist'))).toBe(false)
})

test.each([
  '',
  'track_',
  'track_short',
  `track_${'0'.repeat(23)}`,
  `track_${'0'.repeat(21)}!`,
  `constructor_${'0'.repeat(22)}`,
  `__proto___${'0'.repeat(22)}`,
  `event_${'0'.repeat(22)}`,
  `track_${'0'.repeat(22)}\n`,
  ` track_${'0'.repeat(22)}`,
  "track_'; DROP TABLE track;--",
])('%j is no id of a node', (id) => {
  expect(nodeTypeOf(id)).toBeNull()
})

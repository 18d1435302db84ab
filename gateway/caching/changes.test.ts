import { expect, test } from 'vitest'
import { createChanges } from './changes.ts'

test('knows what changed after a moment, and only that', () => {
  const changes = createChanges()
  const start = changes.now()
  changes.note('a')
  const between = changes.now()
  changes.note('b')

  expect(['a', 'b', 'c'].map((name) => changes.hasChanged(name, start))).toEqual([true, true, false])
  expect(['a', 'b', 'c'].map((name) => changes.hasChanged(name, between))).toEqual([false, true, false])
})

test('forgets the oldest names beyond its limit, and then says of no name that it did not change', () => {
  const changes = createChanges(2)
  const start = changes.now()
  changes.note('a')
  changes.note('b')
  expect(changes.hasChanged('c', start)).toBe(false)

  changes.note('a')
  changes.note('c')

  expect(changes.hasChanged('d', start)).toBe(true) // b is forgotten: it might have been b
  expect(changes.hasChanged('d', changes.now())).toBe(false)
})

test('may say that anything has changed', () => {
  const changes = createChanges()
  const start = changes.now()

  changes.noteAll()

  expect(changes.hasChanged('anything', start)).toBe(true)
  expect(changes.hasChanged('anything', changes.now())).toBe(false)
})

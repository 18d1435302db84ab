import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createChanges } from './changes.ts'
import { createShelf, type Terms } from './shelf.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

const MINUTE: Terms = { seconds: 60, bytes: 100, about: [], asOf: 0 }

test('keeps a value until its time is over', () => {
  const shelf = createShelf<object>(10_000, createChanges())
  const value = {}
  shelf.put('track', 'title', value, MINUTE)

  vi.advanceTimersByTime(59_999)
  expect(shelf.get('track', 'title')).toBe(value)
  vi.advanceTimersByTime(1)
  expect(shelf.get('track', 'title')).toBeUndefined()
})

test('tells subjects and aspects apart, whatever they are called', () => {
  const shelf = createShelf<object>(100_000, createChanges())
  const names = ['', 'a', '__proto__', 'constructor', 'a b']
  const values = new Map(names.flatMap((subject) => names.map((aspect) => [`${subject}|${aspect}`, {}])))
  for (const subject of names)
    for (const aspect of names) shelf.put(subject, aspect, values.get(`${subject}|${aspect}`) ?? {}, MINUTE)

  for (const subject of names)
    for (const aspect of names) expect(shelf.get(subject, aspect)).toBe(values.get(`${subject}|${aspect}`))
  expect(shelf.get('toString', 'a')).toBeUndefined()
})

test('lets go of what is about something that changed, though it changed while the value was on its way', () => {
  const changes = createChanges()
  const shelf = createShelf<object>(10_000, changes)
  const asOf = changes.now()
  changes.note('Track 1')
  shelf.put('late', '', {}, { ...MINUTE, about: ['Track 1'], asOf })
  shelf.put('other', '', {}, { ...MINUTE, about: ['Track 2'], asOf })
  shelf.put('new', '', {}, { ...MINUTE, about: ['Track 1'], asOf: changes.now() })

  expect(['late', 'other', 'new'].map((subject) => shelf.get(subject, '') !== undefined)).toEqual([
    false,
    true,
    true,
  ])
  changes.note('Track 2')
  expect(shelf.get('other', '')).toBeUndefined()
  expect(shelf.get('new', '')).toBeDefined()
})

test('holds no more than its bytes, and lets go of what was not asked for longest', () => {
  let bytes = 0
  const shelf = createShelf<object>(100_000, createChanges(), (now) => {
    bytes = now
    expect(now).toBeLessThanOrEqual(100_000)
  })
  for (let index = 0; index < 1_000; index++) {
    shelf.put(`subject ${index}`, '', {}, { ...MINUTE, bytes: 1_000 })
    shelf.get('subject 0', '')
  }

  expect(bytes).toBeGreaterThan(90_000)
  expect(shelf.get('subject 0', '')).toBeDefined()
  expect(shelf.get('subject 1', '')).toBeUndefined()
  expect(shelf.get('subject 999', '')).toBeDefined()
})

test('keeps nothing that would take most of the room, alone or by its many aspects', () => {
  const shelf = createShelf<object>(80_000, createChanges())
  shelf.put('large', '', {}, { ...MINUTE, bytes: 10_000 })
  shelf.put('fits', '', {}, { ...MINUTE, bytes: 9_000 })
  for (let index = 0; index < 100; index++) shelf.put('many', `${index}`, {}, MINUTE)

  expect(shelf.get('large', '')).toBeUndefined()
  expect(shelf.get('fits', '')).toBeDefined()
  const kept = Array.from({ length: 100 }, (_, index) => shelf.get('many', `${index}`)).filter(Boolean)
  expect(kept.length).toBeLessThan(30)
})

test('replaces what an aspect was without counting it twice', () => {
  let bytes = 0
  const shelf = createShelf<object>(10_000, createChanges(), (now) => {
    bytes = now
  })
  shelf.put('track', 'title', {}, MINUTE)
  const once = bytes
  const value = {}
  shelf.put('track', 'title', value, MINUTE)

  expect(bytes).toBe(once)
  expect(shelf.get('track', 'title')).toBe(value)
})

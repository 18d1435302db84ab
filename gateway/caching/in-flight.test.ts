import { expect, test } from 'vitest'
import type { StopSignal } from '#shared/room.ts'
import { createInFlight } from './in-flight.ts'

/** Work that ends when the test says so, and counts how often it was begun. */
function createWork() {
  const begun: { signal: StopSignal; end(result: string): void; fail(error: Error): void }[] = []
  return {
    begun,
    work: (signal: StopSignal): Promise<string> =>
      new Promise((end, fail) => begun.push({ signal, end, fail })),
  }
}

type Flights = ReturnType<typeof createInFlight<string>>

/** What whoever asks does: joins what is under way, or begins. */
const ask = (
  flights: Flights,
  { work }: ReturnType<typeof createWork>,
  owner: string,
  key: string,
  signal?: StopSignal,
): Promise<string> => flights.find(owner, key)?.join(signal) ?? flights.begin(owner, key, signal, work)

test('is done once for all who ask the same of one owner at a time, and again afterwards', async () => {
  const flights = createInFlight<string>({ now: 0 })
  const done = createWork()

  const together = [ask(flights, done, 'ann', 'q'), ask(flights, done, 'ann', 'q')]
  done.begun[0]?.end('first')

  expect(await Promise.all(together)).toEqual(['first', 'first'])
  const later = ask(flights, done, 'ann', 'q')
  done.begun[1]?.end('second')
  expect(await later).toBe('second')
  expect(done.begun).toHaveLength(2)
})

test('is never joined by another owner or under another key, whatever the names look like', async () => {
  const flights = createInFlight<string>({ now: 0 })
  const done = createWork()
  const names = ['', 'a', 'ab', 'a\nb', '__proto__', 'constructor', 'toString']

  for (const owner of names) for (const key of names) void ask(flights, done, owner, key)

  expect(done.begun).toHaveLength(names.length ** 2)
})

test('is told apart as shared only where it was joined', async () => {
  const flights = createInFlight<string>({ now: 0 }, (result) => `shared ${result}`)
  const done = createWork()

  const alone = ask(flights, done, 'ann', 'alone')
  const both = [ask(flights, done, 'ann', 'both'), ask(flights, done, 'ann', 'both')]
  for (const { end } of done.begun) end('x')

  expect(await alone).toBe('x')
  expect(await Promise.all(both)).toEqual(['shared x', 'shared x'])
})

test('fails for all who wait, and is begun anew by the next', async () => {
  const flights = createInFlight<string>({ now: 0 })
  const done = createWork()

  const together = [ask(flights, done, 'ann', 'q'), ask(flights, done, 'ann', 'q')]
  done.begun[0]?.fail(new Error('away'))

  expect(await Promise.allSettled(together)).toMatchObject([
    { reason: { message: 'away' } },
    { reason: { message: 'away' } },
  ])
  expect(flights.find('ann', 'q')).toBeUndefined()
})

test('that fails before it waits for anything leaves nothing to join', async () => {
  const flights = createInFlight<string>({ now: 0 })
  const broken = (): Promise<string> => {
    throw new Error('at once')
  }

  await expect(flights.begin('ann', 'q', undefined, broken)).rejects.toThrow('at once')

  expect(flights.find('ann', 'q')).toBeUndefined()
})

test('goes on for the others when one leaves, whether that one began it or joined', async () => {
  const flights = createInFlight<string>({ now: 0 })
  const done = createWork()
  const [first, second] = [new AbortController(), new AbortController()]

  void ask(flights, done, 'ann', 'q', first.signal)
  void ask(flights, done, 'ann', 'q', second.signal)
  const patient = ask(flights, done, 'ann', 'q')
  first.abort()
  second.abort()

  expect(done.begun[0]?.signal.aborted).toBe(false)
  done.begun[0]?.end('x')
  expect(await patient).toBe('x')
})

test('is given up once all have left, and joined by nobody from then on', () => {
  const flights = createInFlight<string>({ now: 0 })
  const done = createWork()
  const [first, second] = [new AbortController(), new AbortController()]

  void ask(flights, done, 'ann', 'q', first.signal)
  void ask(flights, done, 'ann', 'q', second.signal)
  first.abort()
  expect(done.begun[0]?.signal.aborted).toBe(false)
  second.abort(new Error('gone'))

  expect(done.begun[0]?.signal).toMatchObject({ aborted: true, reason: { message: 'gone' } })
  void ask(flights, done, 'ann', 'q')
  expect(done.begun).toHaveLength(2)
})

test('is not joined any more after something has changed, and does not take away what began since', async () => {
  const era = { now: 0 }
  const flights = createInFlight<string>(era)
  const done = createWork()

  const before = ask(flights, done, 'ann', 'q')
  era.now++
  const after = ask(flights, done, 'ann', 'q')
  done.begun[0]?.end('old')
  expect(await before).toBe('old')
  const joining = ask(flights, done, 'ann', 'q')
  done.begun[1]?.end('new')

  expect(await Promise.all([after, joining])).toEqual(['new', 'new'])
  expect(done.begun).toHaveLength(2)
})

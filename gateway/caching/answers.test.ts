import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Caller } from '../caller.ts'
import { createTrace } from '../trace.ts'
import { type Asked, callerName, createAnswers } from './answers.ts'
import type { CachePolicy } from './cache-policy.ts'
import { createChanges } from './changes.ts'
import { createShelf } from './shelf.ts'
import { callerOf } from './testing/cached-shop.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

interface Answer {
  data: string | null
  errors: readonly unknown[]
}

const ANN = callerOf('ann')
const BOB = callerOf('bob')
const PUBLIC: CachePolicy = { maxAge: 60, scope: 'PUBLIC', types: new Set(['Track']) }
const PRIVATE: CachePolicy = { ...PUBLIC, scope: 'PRIVATE' }
const NEVER: CachePolicy = { ...PUBLIC, maxAge: 0 }

function openAnswers({ isShared = false, isKept = true } = {}) {
  const changes = createChanges()
  const era = { now: 0 }
  const answers = createAnswers<Answer>({
    era,
    isShared,
    shelf: isKept ? createShelf(1_000_000, changes) : null,
    changes,
  })
  let executed = 0
  /** Answers with the number of the execution, unless the test says otherwise. */
  const give = (
    asked: Pick<Asked, 'operation'> & Partial<Asked>,
    execute = async (count: number): Promise<Answer> => ({ data: `${count}`, errors: [] }),
  ): Promise<string | null> =>
    answers
      .give(
        { variables: {}, caller: ANN, signal: { aborted: false, reason: null }, trace: undefined, ...asked },
        () => execute(++executed),
      )
      .then(({ data }) => data)
  return { changes, era, give }
}

const operationOf = (cachePolicy: CachePolicy): Asked['operation'] => ({ cachePolicy })

test('a public answer is everybody’s who sees the same of what is public, until its time is over', async () => {
  const { give } = openAnswers()
  const operation = operationOf(PUBLIC)

  expect(await give({ operation })).toBe('1')
  expect(await give({ operation, caller: BOB })).toBe('1')
  expect(await give({ operation, caller: callerOf('cid', 'US') })).toBe('2')
  vi.advanceTimersByTime(60_000)
  expect(await give({ operation, caller: BOB })).toBe('3')
})

test('a private answer is the caller’s own, and of the rights they had', async () => {
  const { give } = openAnswers()
  const operation = operationOf(PRIVATE)
  const withRights = (...scopes: string[]): Caller => ({
    ...ANN,
    rights: { scopes: new Set(scopes), policies: new Set() },
  })

  expect(await give({ operation })).toBe('1')
  expect(await give({ operation, caller: BOB })).toBe('2')
  expect(await give({ operation, caller: withRights('a', 'b') })).toBe('3')
  expect(await give({ operation, caller: withRights('b', 'a') })).toBe('3')
  expect(await give({ operation, caller: withRights('a') })).toBe('4')
  expect(await give({ operation })).toBe('1')
})

test('other variables and other operations are other answers, whatever the variables are called', async () => {
  const { give } = openAnswers()
  const operation = operationOf(PUBLIC)
  const questions = [{}, { a: 1 }, { a: '1' }, JSON.parse('{"__proto__":1}'), { constructor: 1 }]

  const first = await Promise.all(questions.map((variables) => give({ operation, variables })))
  const again = await Promise.all(questions.map((variables) => give({ operation, variables })))

  expect(new Set(first).size).toBe(questions.length)
  expect(again).toEqual(first)
  expect(await give({ operation: operationOf(PUBLIC) })).toBe('6')
})

test('an answer with errors, without data, or that may not be kept is made again', async () => {
  const { give } = openAnswers()
  const operation = operationOf(PUBLIC)

  await give({ operation }, async () => ({ data: 'x', errors: [{}] }))
  await give({ operation }, async () => ({ data: null, errors: [] }))
  expect(await give({ operation })).toBe('3')
  const never = operationOf(NEVER)
  expect([await give({ operation: never }), await give({ operation: never })]).toEqual(['4', '5'])
})

test('an answer is let go of when something in it changes, a private one when its caller changes something', async () => {
  const { give, changes } = openAnswers()
  const [mine, everybodys] = [operationOf(PRIVATE), operationOf(PUBLIC)]
  const read = async (): Promise<unknown[]> => [
    await give({ operation: mine }),
    await give({ operation: mine, caller: BOB }),
    await give({ operation: everybodys }),
  ]
  expect(await read()).toEqual(['1', '2', '3'])

  changes.note('Album')
  expect(await read()).toEqual(['1', '2', '3'])
  changes.note(callerName({ ...ANN, key: 'ann, on another device' }))
  expect(await read()).toEqual(['4', '2', '3'])
  changes.note('Track')
  expect(await read()).toEqual(['5', '6', '7'])
})

test('an answer that something changed under is given, and not kept', async () => {
  const { give, changes } = openAnswers()
  const operation = operationOf(PUBLIC)

  const old = give({ operation }, async (count) => {
    changes.note('Track')
    return { data: `${count}`, errors: [] }
  })

  expect(await old).toBe('1')
  expect(await give({ operation })).toBe('2')
})

test('identical queries of one caller are executed once while they are under way, and told so', async () => {
  const { give, era } = openAnswers({ isShared: true, isKept: false })
  const operation = operationOf(NEVER)
  const trace = createTrace()

  const together = [give({ operation }), give({ operation, trace }), give({ operation, caller: BOB })]
  era.now++
  together.push(give({ operation }))

  expect(await Promise.all(together)).toEqual(['1', '1', '2', '3'])
  expect(trace.answer).toBe('shared')
  expect(await give({ operation })).toBe('4')
})

test('a failing execution fails those who wait, is not kept, and is begun anew', async () => {
  const { give } = openAnswers({ isShared: true })
  const operation = operationOf(PUBLIC)
  const fail = async (): Promise<Answer> => {
    throw new Error('away')
  }

  const together = await Promise.allSettled([give({ operation }, fail), give({ operation }, fail)])

  expect(together).toMatchObject([{ reason: { message: 'away' } }, { reason: { message: 'away' } }])
  expect(await give({ operation })).toBe('2')
})

test('switched off, every query is executed', async () => {
  const { give } = openAnswers({ isShared: false, isKept: false })
  const operation = operationOf(PUBLIC)

  expect(await Promise.all([give({ operation }), give({ operation })])).toEqual(['1', '2'])
  expect(await give({ operation })).toBe('3')
})

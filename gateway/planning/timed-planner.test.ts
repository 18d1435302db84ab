import { buildSchema, type DocumentNode, parse } from 'graphql'
import { expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { createApolloPlanner } from '../apollo-planner.ts'
import { composeGraph } from '../execute/testing/graphs.ts'
import type { Planner } from '../planner.ts'
import { createTimedPlanner, PlanningGivenUp } from './timed-planner.ts'

const schema = buildSchema('type Query { a: Int }')
const DOCUMENT = parse('{ a }')

const planning = (plan: Planner['plan'], limitMs = 100): Planner =>
  createTimedPlanner({ apiSchema: schema, supergraphSchema: schema, plan }, limitMs)

/** Works for so many milliseconds of CPU time. */
function toil(cpuMs: number): void {
  const begun = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(begun)
    if (user + system > cpuMs * 1_000) return
  }
}

const toiling = (cpuMs: number) => () => {
  toil(cpuMs)
  return {}
}

test('what is planned in time is the plan', () => {
  const plan = { node: { kind: 'Parallel' as const, nodes: [] } }

  expect(planning(() => plan).plan(DOCUMENT, undefined)).toBe(plan)
  expect(planning(toiling(10)).plan(DOCUMENT, undefined)).toEqual({})
})

test('what takes too long is stopped wherever it is, and says so', () => {
  const steps: string[] = []
  const endless = planning(() => {
    try {
      for (;;) toil(1)
    } finally {
      steps.push('not even this is run')
    }
  })

  expect(() => endless.plan(DOCUMENT, undefined)).toThrow(PlanningGivenUp)
  expect(() => planning(toiling(400), 50).plan(DOCUMENT, undefined)).toThrow('takes too long to plan')
  expect(steps).toEqual([])
})

test('what waited for others to finish is tried again', () => {
  let attempts = 0
  const plan = planning(() => {
    // As on a machine that has other things to do: time passes, and nothing of it is ours.
    if (++attempts === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    return {}
  })

  expect(plan.plan(DOCUMENT, undefined)).toEqual({})
  expect(attempts).toBe(2)
})

test('what outgrows the stack is given up as well, and other errors stay what they are', () => {
  const deep = (depth: number): number => 1 + deep(depth + 1)

  expect(() => planning(() => ({ node: deep(0) as never })).plan(DOCUMENT, undefined)).toThrow(
    PlanningGivenUp,
  )
  const broken = planning(() => {
    throw new TypeError('broken')
  })
  expect(() => broken.plan(DOCUMENT, undefined)).toThrow('broken')
})

test('a planner that was stopped a hundred times plans as before', async () => {
  const { sdl, bomb, plain } = nasty()
  const planner = await createApolloPlanner(sdl, createLogger('test', 'silent'))
  const before = plain.map((document) => JSON.stringify(planner.plan(document, undefined)))
  let givenUp = 0
  for (let turn = 0; turn < 100; turn++) {
    try {
      createTimedPlanner(planner, 1 + (turn % 7)).plan(bomb, undefined)
    } catch (error) {
      expect(error).toBeInstanceOf(PlanningGivenUp)
      givenUp++
    }
  }

  expect(givenUp).toBe(100)
  expect(plain.map((document) => JSON.stringify(planner.plan(document, undefined)))).toEqual(before)
})

/** Six implementations in six rooms: what is asked of the interface, the planner tries out in all combinations. */
function nasty(): { sdl: string; bomb: DocumentNode; plain: DocumentNode[] } {
  const link =
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])'
  const rooms = [0, 1, 2, 3, 4, 5]
  const types = rooms.map((n) => `N${n}`)
  const subgraphs = rooms.map((room) => [
    `r${room}`,
    parse(`${link}
      type Query { r${room}: N }
      interface N { id: ID! next: N name: String }
      ${types.map((type) => `type ${type} implements N @key(fields: "id") { id: ID! next: N @shareable name: String @shareable own${room}${type}: N }`).join('\n')}`),
  ])
  const { sdl } = composeGraph(Object.fromEntries(subgraphs))
  const own = (room: number, below: string): string =>
    types.map((type) => `... on ${type} { own${room}${type} { ${below} } }`).join(' ')
  return {
    sdl,
    bomb: parse(`{ r0 { next { ${own(1, `next { ${own(2, `next { ${own(3, 'next { name }')} }`)} }`)} } } }`),
    plain: [
      parse('{ r0 { id name } }'),
      parse('{ r1 { id ... on N2 { own3N2 { id } } } }'),
      parse('{ r4 { name } r5 { id } }'),
    ],
  }
}

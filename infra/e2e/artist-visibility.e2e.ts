import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Supergraph } from '@apollo/federation-internals'
import type { GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedId, newId } from '#shared/id.ts'
import { createTestDatabase, type TestDatabase } from '#shared/testing/database.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import { type ApiClient, createApiClient, signIn } from '../testing/client.ts'
import { isUnasked } from './visibility/answers.ts'
import { gatherCast, publicIds } from './visibility/cast.ts'
import { type House, openHouse } from './visibility/house.ts'
import { findPaths } from './visibility/paths.ts'
import { type Question, toQuestions } from './visibility/question.ts'

/** What an artist's figures are told by: for who manages the artist, and ADMIN. */
const FIGURES: ReadonlySet<string> = new Set(['ArtistAnalytics', 'ArtistRoyalties'])
const FIELD = /"(analytics|royalties)":(\{|null)/g

let home: string
let database: TestDatabase
let house: House
let people: Record<'manager' | 'admin' | 'listener' | 'premium' | 'visitor', ApiClient>
let ids: Record<string, string>
let questions: Question[]

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cadenza-visibility-'))
  database = await createTestDatabase()
  house = await openHouse(database.url, home)
  people = {
    manager: await signIn(house.url, 'artist@cadenza.example'),
    admin: await signIn(house.url, 'admin@cadenza.example'),
    listener: await signIn(house.url, 'free@cadenza.example'),
    premium: await signIn(house.url, 'premium@cadenza.example'),
    visitor: createApiClient(house.url),
  }
  const known = await publicIds(await gatherCast(house.url))
  ids = { ...known, Artist: derivedId('artist', 'demo:wren-halloway') }
  const schema = Supergraph.build(await readSupergraph())
    .apiSchema()
    .toGraphQLJSSchema()
  const query = schema.getQueryType() as GraphQLObjectType
  questions = toQuestions(
    findPaths(schema, query, FIGURES, () => false),
    'query',
  )
}, 120_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

test.each(['listener', 'premium', 'visitor'] as const)(
  'on no way there is, %s is shown the figures of an artist',
  async (role) => {
    let asked = 0
    for (const question of questions) {
      const shown = await ask(people[role], question)
      asked += shown.length
      expect(
        shown.filter((value) => value !== 'null'),
        question.document,
      ).toEqual([])
    }
    expect(asked).toBeGreaterThan(10)
  },
  240_000,
)

test.each(['manager', 'admin'] as const)(
  '%s is shown them by the id of the artist',
  async (role) => {
    const byId = questions.filter(({ root }) => root === 'Query.artist')
    const shown = (await Promise.all(byId.map((question) => ask(people[role], question)))).flat()

    expect(shown).toContain('{')
  },
  240_000,
)

/** How each `analytics` and `royalties` of the answer begins. */
async function ask(person: ApiClient, question: Question): Promise<string[]> {
  // What nobody has leads nowhere, and is asked all the same.
  const variables = question.idTypes.map((type) => [type, ids[type] ?? newId(type.toLowerCase())])
  const answer = await person.send(question.document, Object.fromEntries(variables))
  expect(isUnasked(answer), `${JSON.stringify(answer.errors)} ${question.document}`).toBe(false)
  return [...JSON.stringify(answer.data ?? null).matchAll(FIELD)].map(([, , value]) => value ?? '')
}

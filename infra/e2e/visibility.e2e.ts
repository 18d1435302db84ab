import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Supergraph } from '@apollo/federation-internals'
import type { GraphQLField, GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anonymous } from '#shared/identity.ts'
import { createTestDatabase, type TestDatabase } from '#shared/testing/database.ts'
import { readSupergraph } from '../../schema/supergraph.ts'
import type { Answer, ApiClient, Json } from '../testing/client.ts'
import { comparable, isUnasked, says } from './visibility/answers.ts'
import { WORDS } from './visibility/arguments.ts'
import {
  type Cast,
  gatherCast,
  hide,
  type Ids,
  idsFor,
  MAY_NOT_SEE,
  MAY_SEE,
  makeSecret,
  missingIds,
  publicIds,
  type Secret,
} from './visibility/cast.ts'
import { type House, openHouse } from './visibility/house.ts'
import { findPaths } from './visibility/paths.ts'
import { names, type Question, toQuestions } from './visibility/question.ts'
import { roomQuestions, variablesFor } from './visibility/room-questions.ts'
import { findSubjects } from './visibility/subjects.ts'

const SEARCH = 'query ($query: String!) { search(query: $query) { playlists { edges { node { id } } } } }'
const IS_THERE = 'query ($id: ID!) { playlist(id: $id) { name } }'

/** Ways that lead to one's own things alone, or are for ADMIN. */
const PERSONAL: ReadonlySet<string> = new Set([
  'Query.catalogTakedowns',
  'Query.viewer',
  'Subscription.listeningSessionChanged',
  'Subscription.playerChanged',
])
/** What nobody may know of who may not see it: neither that it is, nor what it says. */
const PRIVATE: ReadonlySet<string> = new Set(Object.keys(missingIds()))

let home: string
let database: TestDatabase
let house: House
let cast: Cast
let known: Ids
let missing: Ids
let secret: Secret
let questions: Question[]
/** What each said of a list that never was, before there was a secret. */
const before = new Map<string, string>()

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cadenza-visibility-'))
  database = await createTestDatabase()
  house = await openHouse(database.url, home)
  cast = await gatherCast(house.url)
  known = await publicIds(cast)
  missing = { ...known, ...missingIds() }
  questions = await allQuestions()
  process.stdout.write(`visibility: ${questions.reduce((sum, { paths }) => sum + paths, 0)} paths\n`)
}, 120_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

const ofKind = (kind: Question['kind']): Question[] => questions.filter((question) => question.kind === kind)

test('every question can be asked, and says nothing of a list that never was', async () => {
  for (const role of MAY_NOT_SEE) {
    for (const question of ofKind('query')) {
      const answer = await ask(cast[role], question, missing)
      expect(isUnasked(answer), `${role}: ${JSON.stringify(answer.errors)} ${question.document}`).toBe(false)
      before.set(`${role} ${question.document}`, comparable(answer, missing))
    }
  }
}, 240_000)

test('while it is public, a stranger is shown it on every way', async () => {
  secret = await makeSecret(cast)
  await expect.poll(() => search(cast.stranger), { timeout: 10_000 }).toContain(secret.ids['Playlist'])

  expect(await rootsShownTo(cast.stranger)).toEqual(rootsOf('query').filter((root) => !PERSONAL.has(root)))
}, 240_000)

test('once it is private, its members are shown it by its id, and its owner among their own', async () => {
  await hide(cast, secret)
  await expect.poll(() => search(cast.stranger), { timeout: 10_000 }).not.toContain(secret.ids['Playlist'])

  const byId = ['Query.node', 'Query.nodes', 'Query.playlist']
  expect(await rootsShownTo(cast.owner)).toEqual([...byId, 'Query.user', 'Query.viewer'])
  for (const role of ['editor', 'viewer'] as const)
    expect(await rootsShownTo(cast[role])).toEqual([...byId, 'Query.viewer'])
}, 240_000)

test.each(MAY_NOT_SEE)(
  'no query says anything else to %s than of a list that never was',
  async (role) => {
    for (const question of ofKind('query')) {
      const answer = await ask(cast[role], question, real())
      const said = comparable(answer, real())
      expect(said, question.document).toBe(before.get(`${role} ${question.document}`))
    }
  },
  240_000,
)

test.each(MAY_NOT_SEE)(
  'no mutation says anything else to %s than of a list that never was, and none has any effect',
  async (role) => {
    for (const question of ofKind('mutation')) {
      const never = await ask(cast[role], question, missing)
      const answer = await ask(cast[role], question, real())
      expect(isUnasked(answer), `${question.document} ${JSON.stringify(answer.errors)}`).toBe(false)
      const isAbout = question.idTypes.some((type) => PRIVATE.has(type))
      if (isAbout) expect(comparable(answer, real()), question.document).toBe(comparable(never, missing))
      expect(
        says(
          answer.data,
          secret.marks.filter((mark) => !Object.values(secret.ids).includes(mark)),
        ),
        question.document,
      ).toBe(false)
    }
    // Nobody has signed them out on the way, and the list is where it was.
    const { viewer } = await cast[role].data('{ viewer { id } }')
    expect(viewer === null).toBe(role === 'anonymous')
    expect(await cast.owner.data(IS_THERE, { id: secret.ids['Playlist'] })).toEqual({
      playlist: { name: WORDS },
    })
  },
  240_000,
)

test.each(MAY_NOT_SEE)(
  'no subscription says anything else to %s than of a list that never was',
  async (role) => {
    for (const question of ofKind('subscription')) {
      const never = await follow(cast[role], question, missing)
      const answer = await follow(cast[role], question, real())
      expect(comparable(answer, real()), question.document).toBe(comparable(never, missing))
      if (PERSONAL.has(question.root)) continue
      expect(answer.errors.map(({ extensions: { code } }) => code)).toEqual([
        role === 'anonymous' ? 'UNAUTHENTICATED' : 'NOT_FOUND',
      ])
    }
  },
  240_000,
)

test('its subscriptions tell it to its members', async () => {
  for (const role of MAY_SEE)
    for (const question of ofKind('subscription').filter(({ root }) => !PERSONAL.has(root)))
      expect((await follow(cast[role], question, real())).errors, `${role} ${question.document}`).toEqual([])
}, 240_000)

test.each(MAY_NOT_SEE)(
  'no room alone says anything else to %s than of a list that never was, by whatever key',
  async (role) => {
    const { userId } = cast[role]
    const identity = {
      ...anonymous('SE'),
      ...(userId !== '' && { userId, tier: 'FREE' as const, version: 1 }),
    }
    for (const room of house.rooms.all) {
      for (const question of roomQuestions(room.name, findSubjects())) {
        const [never = '', said] = await Promise.all(
          [missing, real()].map(async (ids) => {
            const variables = variablesFor(room.name, question, ids)
            const { data, errors = [] } = await room.execute({
              query: question.document,
              variables,
              identity,
            })
            return comparable({ data: data as never, errors: errors as never }, ids)
          }),
        )
        expect(said, `${room.name} ${question.document}`).toBe(never)
      }
    }
  },
  240_000,
)

async function allQuestions(): Promise<Question[]> {
  const schema = Supergraph.build(await readSupergraph())
    .apiSchema()
    .toGraphQLJSSchema()
  const subjects = findSubjects()
  const isAbout = (field: GraphQLField<unknown, unknown>): boolean => names(field, PRIVATE)
  const roots: [Question['kind'], GraphQLObjectType | null | undefined][] = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ]
  return roots.flatMap(([kind, root]) =>
    root ? toQuestions(findPaths(schema, root, subjects, isAbout), kind) : [],
  )
}

function ask(person: ApiClient, question: Question, ids: Ids): Promise<Answer> {
  return person.send(question.document, idsFor(question, ids))
}

async function search(person: ApiClient): Promise<string> {
  return JSON.stringify((await person.send(SEARCH, { query: WORDS })).data)
}

/** Things as they are; what is not private is the same as before. */
function real(): Ids {
  return { ...known, ...secret.ids }
}

function rootsOf(kind: Question['kind']): string[] {
  return [...new Set(ofKind(kind).map(({ root }) => root))].sort()
}

/** The root fields that say something of the list to a person. All are asked, so that all is kept that may be. */
async function rootsShownTo(person: ApiClient): Promise<string[]> {
  const shown = new Set<string>()
  for (const question of ofKind('query')) {
    if (says((await ask(person, question, real())).data, secret.marks)) shown.add(question.root)
  }
  return [...shown].sort()
}

/** The first that a subscription says, or why it says nothing. */
async function follow(
  person: ApiClient,
  question: Question,
  ids: Ids,
): Promise<Pick<Answer, 'data' | 'errors'>> {
  let leave = (): void => undefined
  const first = new Promise<Json>((resolve) => {
    const watch = person.watch(question.document, idsFor(question, ids), resolve)
    leave = watch.leave
    void watch.ended.then((reason) => resolve({ errors: reason } as unknown as Json))
  })
  const said = await first
  leave()
  const { errors } = said as { errors?: Answer['errors'] }
  return errors === undefined ? { data: said, errors: [] } : { data: null as unknown as Json, errors }
}

import { ApolloServer } from '@apollo/server'
import { buildASTSchema, getOperationAST, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { takeDirectives } from '../directives.ts'
import { fragmentsOf } from '../execute/selection.ts'
import { type CachePolicy, createCachePolicies } from './cache-policy.ts'

const SDL = `
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  directive @viewer on FIELD_DEFINITION
  directive @authenticated on FIELD_DEFINITION | OBJECT
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT
  directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT
  type Query {
    count: Int
    minute: Int @cacheControl(maxAge: 60)
    mine: Int @cacheControl(maxAge: 60, scope: PRIVATE)
    song: Song
    songs: [Song!]! @cacheControl(maxAge: 30)
    shelf: Shelf @cacheControl(maxAge: 300)
    plain: Plain
    warmPlain: Plain @cacheControl(maxAge: 90)
    sort: Sort
    sorts: [Sort] @cacheControl(maxAge: 45)
    thing: Thing @cacheControl(maxAge: 80)
    me: Person @cacheControl(maxAge: 50)
    pass: Pass @cacheControl(maxAge: 50)
    token: Token @cacheControl(maxAge: 50)
    anything: Anything @cacheControl(maxAge: 50)
    scoped: Int @requiresScopes(scopes: [["a"]]) @cacheControl(maxAge: 50)
    ruled: Int @policy(policies: [["a"]]) @cacheControl(maxAge: 50)
  }
  type Mutation { change: Song }
  type Song @cacheControl(maxAge: 120) {
    title: String plays: Int @cacheControl(maxAge: 5) live: Int @cacheControl(maxAge: 0)
    playable: Boolean @viewer notes: String @cacheControl(scope: PRIVATE)
    shelf: Shelf shelfAsParent: Shelf @cacheControl(inheritMaxAge: true) plain: Plain plainAsParent: Plain @cacheControl(inheritMaxAge: true)
    own: Song @cacheControl(maxAge: 240)
  }
  type Shelf @cacheControl(inheritMaxAge: true) { name: String songs: [Song] @cacheControl(maxAge: 600) }
  type Plain { name: String next: Plain warm: Int @cacheControl(maxAge: 70) }
  interface Sort @cacheControl(maxAge: 100) { id: ID name: String }
  type Fruit implements Sort @cacheControl(maxAge: 20) { id: ID name: String sweet: Int @cacheControl(maxAge: 10) }
  type Nut implements Sort { id: ID name: String hard: Int }
  union Thing = Song | Plain
  type Person @authenticated { name: String }
  type Pass { url: String expiresAt: String }
  type Token { text: String refreshTokenExpiresAt: String }
  union Anything = Song | Pass
`

const { sdl, directives } = takeDirectives(SDL)
const policies = createCachePolicies(buildASTSchema(parse(sdl)), directives)

function policyOf(source: string): CachePolicy {
  const document = parse(source)
  const operation = getOperationAST(document)
  if (operation == null) throw new Error(source)
  return policies.ofOperation(operation, fragmentsOf(document))
}

/** What Apollo Server says of an answer in which every place holds something. */
async function apolloPolicyOf(source: string): Promise<string | undefined> {
  const song = (): object => ({
    title: 't',
    plays: 1,
    live: 1,
    notes: 'n',
    shelf,
    shelfAsParent: shelf,
    own: song,
  })
  const plain = (): object => ({ name: 'p', next: plain, warm: 1 })
  const shelf = (): object => ({ name: 's', songs: () => [song()] })
  const server = new ApolloServer({
    typeDefs: SDL,
    resolvers: {
      Query: {
        song,
        songs: () => [song()],
        shelf,
        plain,
        warmPlain: plain,
        sort: () => ({ __typename: 'Nut', id: '1', name: 'n', hard: 1 }),
        thing: () => ({ __typename: 'Plain', ...plain() }),
      },
      Song: { plain, plainAsParent: plain },
    },
  })
  const { http } = await server.executeOperation({ query: source })
  await server.stop()
  return http.headers.get('cache-control')
}

describe('the policy of an operation', () => {
  test.each([
    '{ count }',
    '{ minute }',
    '{ minute count }',
    '{ minute mine }',
    '{ __typename minute }',
    '{ song { title } }',
    '{ song { title plays } }',
    '{ song { live } }',
    '{ song { notes } }',
    '{ songs { title own { title } } }',
    '{ song { own { title } } }',
    '{ song { shelf { name } } }',
    '{ song { shelfAsParent { name } } }',
    '{ song { plain { name } } }',
    '{ song { plainAsParent { name } } }',
    '{ song { plainAsParent { warm next { name } } } }',
    '{ shelf { name } }',
    '{ shelf { songs { title plays } } }',
    '{ plain { name } }',
    '{ warmPlain { name warm } }',
    '{ warmPlain { next { name } } }',
    '{ sort { id name } }',
    'query Q { a: song { ...S } minute } fragment S on Song { title shelf { ...on Shelf { name } } }',
  ])('%s is what Apollo Server computes, or less where another type may stand there', async (source) => {
    const { maxAge, scope } = policyOf(source)
    const header = (await apolloPolicyOf(source)) ?? 'no-store'
    const stated = Number(/max-age=(\d+)/.exec(header)?.[1] ?? 0)

    if (source.includes('sort')) expect(maxAge).toBeLessThanOrEqual(stated)
    else
      expect([maxAge, maxAge > 0 ? scope : '']).toEqual([
        stated,
        /public|private/i.exec(header)?.[0].toUpperCase() ?? '',
      ])
  })

  test.each([
    ['{ sort { id name } }', 20, 'of a type that may stand there'],
    ['{ sorts { id ... on Fruit { sweet } } }', 10, 'a field that only one of them has'],
    ['{ sorts { ... on Nut { hard } } }', 20, 'the others that may stand there'],
    ['{ thing { ... on Song { title } } }', 80, 'a union whose members say more'],
    ['{ song { title plays @skip(if: true) } }', 5, 'what may be left out'],
    ['mutation { change { title } }', 0, 'a mutation'],
    ['{ minute __schema { types { name } } }', 0, 'introspection'],
    ['{ __typename }', 0, 'nothing of any room'],
  ])('%s: %i, by %s', (source, maxAge) => {
    expect(policyOf(source).maxAge).toBe(maxAge)
  })

  test.each([
    '{ pass { url } }',
    '{ minute pass { expiresAt } }',
    '{ token { text } }',
    '{ anything { ... on Song { title } } }',
  ])('%s is never kept: it may hold what expires by itself', (source) => {
    expect(policyOf(source).maxAge).toBe(0)
  })

  test.each([
    '{ song { title playable } }',
    '{ songs { ... { playable } } }',
    '{ mine }',
    '{ me { name } }',
    '{ minute scoped }',
    '{ ruled }',
  ])('%s is private', (source) => {
    expect(policyOf(source)).toMatchObject({ scope: 'PRIVATE', maxAge: expect.any(Number) })
    expect(policyOf(source).maxAge).toBeGreaterThan(0)
  })

  test('names the types of the objects in it', () => {
    expect([...policyOf('{ song { shelf { name } } sort { id } minute }').types].sort()).toEqual([
      'Fruit',
      'Nut',
      'Shelf',
      'Song',
    ])
  })
})

describe('the policy of entities', () => {
  const policyOfEntities = (selection: string): CachePolicy => {
    const document = parse(`{ _entities ${selection} }`)
    const field = getOperationAST(document)?.selectionSet.selections[0]
    if (field?.kind !== 'Field' || field.selectionSet === undefined) throw new Error(selection)
    return policies.ofEntities(field.selectionSet, fragmentsOf(document))
  }

  test.each([
    ['{ ... on Song { title } }', 120],
    ['{ __typename ... on Song { __typename title plays } }', 5],
    ['{ ... on Song { shelf { name } } }', 120],
    ['{ ... on Song { plain { name } } }', 0],
    ['{ ... on Plain { name } }', 0],
    ['{ ... on Plain { warm } }', 70],
    ['{ ... on Plain { __typename warm name } }', 0],
    ['{ ... on Plain { warm ... on Plain { name } } }', 0],
    ['{ ... on Song { title } ... on Plain { name } }', 0],
    ['{ ... on Sort { name } }', 20],
    ['{ ... on Pass { url } }', 0],
    ['{ ... on Nobody { name } }', 0],
    ['{ ... on Song { nothing } }', 0],
  ])('%s: %i', (selection, maxAge) => {
    expect(policyOfEntities(selection).maxAge).toBe(maxAge)
  })

  test.each(['{ ... on Song { playable } }', '{ ... on Song { notes } }'])('%s is private', (selection) => {
    expect(policyOfEntities(selection).scope).toBe('PRIVATE')
  })

  test('names the types below the entity', () => {
    expect([...policyOfEntities('{ ... on Song { shelf { songs { title } } } }').types]).toEqual([
      'Shelf',
      'Song',
    ])
    expect([...policyOfEntities('{ ... on Song { title } }').types]).toEqual([])
  })
})

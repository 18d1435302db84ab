import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const ask = federate({
  news: subgraph(
    `type Query { items: [Item!]! lead: Item moods: [Mood] mood(is: Mood!): String }
     union Item = Story | Photo
     type Story @key(fields: "id") { id: ID! text: String rank: Int! }
     type Photo @key(fields: "id") { id: ID! rank: String }
     enum Mood { CALM LOUD HIDDEN @inaccessible }`,
    {
      Query: {
        items: () => [
          { __typename: 'Story', id: 's', text: 'Snow', rank: 1 },
          { __typename: 'Photo', id: 'p', rank: 'first' },
        ],
        lead: () => ({ __typename: 'Story', id: 's', text: 'Snow', rank: 1 }),
        moods: () => ['CALM', 'HIDDEN', null],
        mood: (_: object, { is }: { is: string }) => is,
      },
      Story: { __resolveReference: ({ id }: { id: string }) => ({ id, text: 'Snow', rank: 1 }) },
    },
  ),
  votes: subgraph(
    `type Query { popular: [Item] }
     union Item = Story | Film
     type Story @key(fields: "id") { id: ID! votes: Int }
     type Film @key(fields: "id") { id: ID! minutes: Int }`,
    {
      Query: {
        popular: () => [
          { __typename: 'Film', id: 'f', minutes: 90 },
          { __typename: 'Story', id: 's' },
        ],
      },
      Story: { votes: () => 9 },
    },
  ),
})

describe('a union that its rooms know in part', () => {
  it('has of each member what its rooms say', async () => {
    const { ours, stock } = await ask(`{
      items { __typename ... on Story { text votes } ... on Film { minutes } }
      popular { ... on Film { minutes } ... on Story { text votes } }
    }`)

    expect(ours.data).toEqual({
      items: [{ __typename: 'Story', text: 'Snow', votes: 9 }, { __typename: 'Photo' }],
      popular: [{ minutes: 90 }, { text: 'Snow', votes: 9 }],
    })
    expect(stock.data).toEqual(ours.data)
  })

  it('is an empty object where a member has nothing that was asked for', async () => {
    const { ours, stock } = await ask('{ lead { ... on Photo { id } ... on Film { id } } }')

    expect(ours).toEqual({ data: { lead: {} }, errors: [] })
    expect(stock).toEqual(ours)
  })

  it('may have fields of one name and several types', async () => {
    const { ours, stock } = await ask(
      '{ items { ... on Story { order: rank } ... on Photo { place: rank } } }',
    )

    expect(ours).toEqual({ data: { items: [{ order: 1 }, { place: 'first' }] }, errors: [] })
    expect(stock).toEqual(ours)
  })
})

describe('an enum', () => {
  it('has no value that clients do not know, and says so; stock says it in extensions', async () => {
    const { ours, stock } = await ask('{ moods }')

    expect(ours).toMatchObject({ data: { moods: ['CALM', null, null] }, errors: [{ path: ['moods', 1] }] })
    expect(stock.data).toEqual(ours.data)
  })

  it('goes to rooms as it is', async () => {
    const { ours, stock } = await ask('query ($is: Mood = LOUD) { mood(is: $is) calm: mood(is: CALM) }', {
      is: 'LOUD',
    })

    expect(ours).toEqual({ data: { mood: 'LOUD', calm: 'CALM' }, errors: [] })
    expect(stock).toEqual(ours)
  })
})

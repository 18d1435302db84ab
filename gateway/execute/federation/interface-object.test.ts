import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const WORKS = [
  { __typename: 'Song', id: '1', title: 'One', seconds: 10 },
  { __typename: 'Play', id: '2', title: 'Two', acts: 3 },
]

const work = ({ id }: { id: string }): (typeof WORKS)[number] | undefined =>
  WORKS.find((known) => known.id === id)

describe('an interface that a room knows as an object', () => {
  const ask = federate({
    works: subgraph(
      `type Query { works: [Work!]! }
       interface Work @key(fields: "id") { id: ID! title: String }
       type Song implements Work @key(fields: "id") { id: ID! title: String seconds: Int }
       type Play implements Work @key(fields: "id") { id: ID! title: String acts: Int }`,
      {
        Query: { works: () => WORKS },
        Work: { __resolveReference: work } as never,
        Song: { __resolveReference: work },
        Play: { __resolveReference: work },
      },
    ),
    critics: subgraph(
      `type Query { best: [Work!]! worst: Work }
       type Work @key(fields: "id") @interfaceObject {
         id: ID! title: String @external stars(of: Int = 5): Int line: String @requires(fields: "title")
       }`,
      {
        Query: { best: () => [{ id: '2' }, { id: '1' }], worst: () => ({ id: '1' }) },
        Work: {
          __resolveReference: (reference: object) => reference,
          stars: ({ id }: { id: string }, { of }: { of: number }) => Number(id) * of,
          line: ({ title, id }: { title?: string; id?: string }) => {
            if (title === undefined || id === undefined) throw new Error('Not told enough')
            return `${title}!`
          },
        },
      },
    ),
  })

  it('gets its fields from there', async () => {
    const { ours, stock } = await ask('{ works { title stars line } }')

    expect(ours).toEqual({
      data: {
        works: [
          { title: 'One', stars: 5, line: 'One!' },
          { title: 'Two', stars: 10, line: 'Two!' },
        ],
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('is answered there without a word about types', async () => {
    const { ours, stock, calls } = await ask('{ best { id stars } }')

    expect(ours.data).toEqual({
      best: [
        { id: '2', stars: 10 },
        { id: '1', stars: 5 },
      ],
    })
    expect(calls).toEqual(['critics'])
    expect(stock).toEqual(ours)
  })

  it('asks elsewhere what its objects are', async () => {
    const { ours, stock } = await ask(
      '{ best { __typename stars ... on Play { acts line } } worst { ... on Play { stars } } }',
    )

    expect(ours).toEqual({
      data: {
        best: [
          { __typename: 'Play', stars: 10, acts: 3, line: 'Two!' },
          { __typename: 'Song', stars: 5 },
        ],
        worst: {},
      },
      errors: [],
    })
    expect(stock.data).toEqual(ours.data)
  })

  it('is asked again once it is known what its objects are', async () => {
    const { ours, stock } = await ask('{ best { ... on Play { acts id title stars } id title } }')

    expect(ours).toEqual({
      data: {
        best: [
          { acts: 3, id: '2', title: 'Two', stars: 10 },
          { id: '1', title: 'One' },
        ],
      },
      errors: [],
    })
    expect(stock).toEqual(ours)
  })

  it('tells its room of no object without a key; stock does, and reports the error', async () => {
    const { ours, stock } = await ask('{ best { __typename title ... on Song { line id } } }')

    expect(ours).toEqual({
      data: {
        best: [
          { __typename: 'Play', title: 'Two' },
          { __typename: 'Song', title: 'One', line: 'One!', id: '1' },
        ],
      },
      errors: [],
    })
    expect(stock.errors).not.toEqual([])
  })

  it('keeps apart what is asked of its types under one name; stock does not', async () => {
    const { ours, stock } = await ask('{ works { ... on Song { stars(of: 10) } ... on Play { stars } } }')

    expect(ours).toEqual({ data: { works: [{ stars: 10 }, { stars: 10 }] }, errors: [] })
    expect(stock.data).not.toEqual(ours.data)
  })
})

describe('an interface of which no room can tell the types', () => {
  const ask = federate({
    names: subgraph(`type Query { thing: Thing } interface Thing @key(fields: "id") { id: ID! }`, {
      Query: { thing: () => ({ id: '1' }) },
    }),
    facts: subgraph(
      `type Query { fact: Thing } type Thing @key(fields: "id", resolvable: false) @interfaceObject { id: ID! fact: String }`,
      { Query: { fact: () => ({ id: '1', fact: 'true' }) } },
    ),
  })

  it('is answered where its room is the one that is asked', async () => {
    const { ours, stock } = await ask('{ fact { id fact } }')

    expect(ours).toEqual({ data: { fact: { id: '1', fact: 'true' } }, errors: [] })
    expect(stock).toEqual(ours)
  })

  it('is refused where nobody can be asked; stock says null without a word', async () => {
    await expect(ask('{ thing { fact } }')).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
  })
})

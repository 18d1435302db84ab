import { describe, expect, it } from 'vitest'
import { federate, subgraph } from '../testing/federation.ts'

const ask = federate({
  shop: subgraph(
    `type Query { goods: [Good!]! } type Good @key(fields: "id") { id: ID! name: String weight: Int box: Box other: Box }
     type Box @shareable { size: Int label: String }`,
    {
      Query: {
        goods: () => [
          {
            id: '1',
            name: 'Tea',
            weight: 5,
            box: { size: 2, label: 'small' },
            other: { size: 9, label: 'large' },
          },
        ],
      },
    },
  ),
  post: subgraph(
    `type Good @key(fields: "id") {
       id: ID! weight: Int @external box: Box @external postage(to: String): String @requires(fields: "weight box { size }")
     }
     type Box @shareable { size: Int }`,
    {
      Good: {
        __resolveReference: (reference: { id: string }) => reference,
        postage: (
          { id, weight, box }: { id: string; weight: number; box: { size: number } },
          { to }: { to?: string },
        ) => {
          if (id !== '1') throw new Error(`No good is called ${id}`)
          return `${weight}/${box.size}/${to ?? ''}`
        },
      },
    },
  ),
})

describe('a name that a client gives to a field, and the plan to another', () => {
  it('is the client\'s: of a key; in stock the room is asked for "Tea", or nothing', async () => {
    const { ours, stock } = await ask('{ goods { id: name postage } }')

    expect(ours).toEqual({ data: { goods: [{ id: 'Tea', postage: '5/2/' }] }, errors: [] })
    expect(stock.data).not.toEqual(ours.data)
  })

  it("is the client's: of required fields, and within required objects; stock mixes them up", async () => {
    const { ours, stock } = await ask('{ goods { weight: name box { size: label } postage(to: "CH") } }')

    expect(ours).toEqual({
      data: { goods: [{ weight: 'Tea', box: { size: 'small' }, postage: '5/2/CH' }] },
      errors: [],
    })
    expect(stock.data).not.toEqual(ours.data)
  })

  it("is the client's: of a required object; stock tells the room of the wrong one", async () => {
    const { ours, stock } = await ask('{ goods { box: other { label } postage } }')

    expect(ours).toEqual({ data: { goods: [{ box: { label: 'large' }, postage: '5/2/' }] }, errors: [] })
    expect(stock.data).not.toEqual(ours.data)
  })

  it("is the client's: of the type itself; stock fails", async () => {
    const { ours, stock } = await ask('{ goods { __typename: weight kind: __typename postage } }')

    expect(ours).toEqual({ data: { goods: [{ __typename: 5, kind: 'Good', postage: '5/2/' }] }, errors: [] })
    expect(stock.data).not.toEqual(ours.data)
  })

  it('stands in paths of errors as the client knows it', async () => {
    const broken = federate({
      shop: subgraph(`type Query { goods: [Good!]! } type Good @key(fields: "id") { id: ID! name: String }`, {
        Query: { goods: () => [{ id: '1' }] },
        Good: {
          name: () => {
            throw new Error('No name')
          },
        },
      }),
      post: subgraph(`type Good @key(fields: "id") { id: ID! stamp: String }`, {
        Good: { stamp: () => 'S' },
      }),
    })

    const { ours } = await broken('{ goods { id: name stamp } }')

    expect(ours).toMatchObject({
      data: { goods: [{ id: null, stamp: 'S' }] },
      errors: [{ message: 'No name', path: ['goods', 0, 'id'] }],
    })
  })

  it('stands in no path of a field that is asked for under it of other types only', async () => {
    const broken = federate({
      shop: subgraph(
        `type Query { goods: [Good!]! } interface Good @key(fields: "id") { id: ID! }
         type Tea implements Good @key(fields: "id") { id: ID! } type Cup implements Good @key(fields: "id") { id: ID! }`,
        { Query: { goods: () => [{ __typename: 'Tea', id: 't' }] } },
      ),
      votes: subgraph(
        `type Good @key(fields: "id") @interfaceObject { id: ID! stars(most: Int): Int votes: Int }`,
        {
          Good: {
            stars: (_: unknown, { most }: { most: number }) => most,
            votes: () => {
              throw new Error('No votes')
            },
          },
        },
      ),
    })

    const { ours } = await broken(
      '{ goods { ... on Tea { count: stars(most: 3) } ... on Cup { count: votes } } }',
    )

    expect(ours.data).toEqual({ goods: [{ count: 3 }] })
    expect(ours.errors).not.toContainEqual(expect.objectContaining({ path: ['goods', 0, 'count'] }))
  })
})

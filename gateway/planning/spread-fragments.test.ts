import { expect, test } from 'vitest'
import { federate, subgraph } from '../execute/testing/federation.ts'

const ask = federate({
  shelf: subgraph(
    `type Query { book: Any } union Any = Book | Film interface Media { id: ID! }
     type Book implements Media { id: ID! } type Film implements Media { id: ID! }`,
    { Query: { book: () => ({ __typename: 'Book', id: 'b' }) } },
  ),
})

test.each([
  ['beside something', { book: { kind: 'Book' } }, 'kind: __typename ...Never'],
  ['alone', { book: {} }, '...Never'],
])('a fragment of which nothing can be there is nothing, %s', async (_, data, selection) => {
  const { ours } = await ask(
    `{ book { ${selection} } } fragment Never on Book { ... on Media { ... on Film { id } } }`,
  )

  expect(ours).toEqual({ data, errors: [] })
})

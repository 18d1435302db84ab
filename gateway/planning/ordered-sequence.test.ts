import { describe, expect, it } from 'vitest'
import type { FlattenNode } from '../execute/plan.ts'
import { parseFieldSet } from './field-set.ts'
import type { Needs } from './needs.ts'
import { orderedSequence } from './ordered-sequence.ts'

const needs: Needs = {
  ofField: (_, type, field) =>
    type === 'Book' && field === 'postage' ? parseFieldSet('weight isbn') : undefined,
  keys: () => [parseFieldSet('isbn')],
  names: new Set(['weight', 'isbn']),
  isOfType: (type, other) => type === other,
  isTypeBlind: false,
}

function fetch(room: string, requires: string[], fields: string, path = ['books', '@']): FlattenNode {
  return {
    kind: 'Flatten',
    path,
    node: {
      kind: 'Fetch',
      serviceName: room,
      operationName: undefined,
      operation: `query($representations:[_Any!]!){_entities(representations:$representations){...on Book{${fields}}}}`,
      requires: [
        {
          kind: 'InlineFragment',
          typeCondition: 'Book',
          selections: ['__typename', ...requires].map((name) => ({ kind: 'Field', name })),
        },
      ],
    },
  }
}

const postage = fetch('post', ['isbn', 'weight'], 'postage')
const weight = fetch('scales', ['isbn'], 'weight')

describe('a sequence of fetches', () => {
  it('has what a @requires names before what requires it, and is otherwise as it was', () => {
    const title = fetch('shelf', ['isbn'], 'title')

    expect(orderedSequence([title, postage, weight], needs)).toEqual([title, weight, postage])
    expect(orderedSequence([weight, title, postage], needs)).toEqual([weight, title, postage])
  })

  it('is not changed for keys, which are at hand long before', () => {
    const isbn = fetch('index', ['weight'], 'isbn')

    expect(orderedSequence([postage, isbn], needs)).toEqual([postage, isbn])
  })

  it('is not changed for what is said of other objects, or in a circle', () => {
    const elsewhere = fetch('scales', ['isbn'], 'weight', ['authors', '@', 'books', '@'])

    expect(orderedSequence([postage, elsewhere], needs)).toEqual([postage, elsewhere])

    const circle: Needs = {
      ...needs,
      ofField: (_, __, field) => parseFieldSet(field === 'postage' ? 'weight' : 'postage'),
    }
    expect(orderedSequence([postage, weight], circle)).toEqual([postage, weight])
  })
})

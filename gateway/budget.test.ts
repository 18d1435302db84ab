import { buildSchema, type OperationDefinitionNode, parse } from 'graphql'
import { expect, test } from 'vitest'
import { createBudget, fragmentsOf } from './budget.ts'
import { LIMITS } from './limits.ts'

const spend = createBudget(
  buildSchema(`
    type Query { items(first: Int): Page }
    type Page { nodes: [Item] }
    type Item { id: ID  items(first: Int): Page }`),
)

const isRefused = (source: string, variables: Record<string, unknown> = {}): boolean => {
  const { definitions } = parse(source)
  try {
    spend(definitions[0] as OperationDefinitionNode, fragmentsOf(definitions), variables)
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'QUERY_TOO_COMPLEX' })
    return true
  }
}
const pages = (...firsts: (number | string)[]): string =>
  firsts.reduceRight<string>((below, first) => `items(first: ${first}) { nodes { id ${below} } }`, '')

test('pages within pages multiply: exactly the budget is taken, one more refused', () => {
  const rest = (LIMITS.nodes - 100) / 100

  expect(isRefused(`{ ${pages(100, rest)} }`)).toBe(false)
  expect(isRefused(`{ ${pages(100, rest + 1)} }`)).toBe(true)
})

test('variables and what is left out count as well', () => {
  const query = `query($n: Int) { ${pages(100, 100, '$n')} }`

  expect(isRefused(query, { n: 1 })).toBe(false)
  expect(isRefused(query, { n: 100 })).toBe(true)
  expect(isRefused('{ items(first: 100) { nodes { items { nodes { items { nodes { id } } } } } } }')).toBe(
    true,
  )
})

test('a fragment hides nothing', () => {
  expect(isRefused(`{ ...F } fragment F on Query { ${pages(100, 100, 100)} }`)).toBe(true)
})

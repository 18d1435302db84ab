import { expect, test } from 'vitest'
import { createLogger } from '#shared/telemetry.ts'
import { readSupergraph } from '../schema/supergraph.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { createOperations, type Operations } from './operations.ts'
import { loadSupergraph } from './supergraph.ts'
import { warmUp } from './warm-up.ts'

const open = async (): Promise<Operations> => {
  const call = () => async () => ({})
  const supergraph = await loadSupergraph(
    await readSupergraph(),
    call,
    DEFAULT_LIMITS,
    createLogger('test', 'silent'),
  )
  return createOperations(supergraph, { limits: DEFAULT_LIMITS, isProduction: false })
}

test('what is kept of a document is not its comments', async () => {
  const operations = await open()
  const source = `{ __typename }${'#\n'.repeat(50_000)}`

  const { document, definition, fragments } = operations.ready(source, undefined, null)

  expect(document.loc ?? definition.loc).toBeUndefined()
  expect([...fragments.values()]).toEqual([])
})

test('documents are forgotten by their length as well as by their number', async () => {
  const operations = await open()
  for (let index = 0; index < 200; index++)
    operations.ready(`{ __typename }#${index} ${'x'.repeat(250_000)}`, undefined, null)

  expect(operations.known().length).toBeLessThan(150)
  expect(operations.known().length).toBeGreaterThan(50)
})

test('another supergraph knows what was asked of the one before, and forgets the latest last', async () => {
  const [before, after] = [await open(), await open()]
  const sources = ['{ __typename }', '{ a: __typename }', '{ b: __typename }']
  for (const source of sources) before.ready(source, undefined, null)

  await warmUp(after, [{ source: '{ gone }', operationName: undefined, rights: null }, ...before.known()])

  expect(after.known().map(({ source }) => source)).toEqual(sources.toReversed())
})

import { printSchema, Supergraph } from '@apollo/federation-internals'
import { isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { readSchema } from '#shared/schema.ts'
import { composeSupergraph } from './compose.ts'
import { readSupergraph } from './supergraph.ts'

test('the committed supergraph is what the rooms compose to now', async () => {
  expect(await readSupergraph()).toBe(composeSupergraph())
})

test('catalog has a stub of every Node type, so that node and nodes can name it', async () => {
  const api = Supergraph.build(await readSupergraph())
    .apiSchema()
    .toGraphQLJSSchema()
  const nodeTypes = Object.values(api.getTypeMap())
    .filter((type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'))
    .map(({ name }) => name)
  const catalog = new Set(
    readSchema('catalog').definitions.flatMap((node) => ('name' in node ? [node.name?.value] : [])),
  )

  expect(nodeTypes.length).toBeGreaterThan(8)
  expect(nodeTypes.filter((name) => !catalog.has(name))).toEqual([])
})

test('nothing that is for the door alone reaches the API schema', async () => {
  const printed = printSchema(Supergraph.build(await readSupergraph()).apiSchema())

  expect(printed).toContain('type Playlist implements Node')
  expect(printed).not.toMatch(/accessTokenKeys|sessionsEnded|EndedSession|\bref:/)
})

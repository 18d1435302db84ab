import { printSchema, Supergraph } from '@apollo/federation-internals'
import { type ConstDirectiveNode, isObjectType, Kind } from 'graphql'
import { expect, test } from 'vitest'
import { readSchema } from '#shared/schema.ts'
import { composeSupergraph } from './compose.ts'
import { ROOMS, readSupergraph } from './supergraph.ts'

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

test('what a room adds to a type that another lets be kept says for itself whether it may be', () => {
  const types = ROOMS.flatMap((room) =>
    readSchema(room).definitions.flatMap((node) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION ? [{ room, name: node.name.value, node }] : [],
    ),
  )
  const names = (node: { directives?: readonly ConstDirectiveNode[] }): string[] =>
    (node.directives ?? []).map(({ name }) => name.value)
  const kept = types.filter(
    ({ node }) => names(node).includes('cacheControl') && !names(node).includes('shareable'),
  )
  const added = types.flatMap(({ room, name, node: { fields = [] } }) =>
    kept.some((type) => type.name === name && type.room !== room)
      ? fields.filter((field) => field.name.value !== 'id' && !names(field).includes('external'))
      : [],
  )
  const silent = added.filter((field) => !names(field).some((name) => /^(cacheControl|viewer)$/.test(name)))

  expect(kept.length).toBeGreaterThan(5)
  expect(added.length).toBeGreaterThan(2)
  expect(silent.map(({ name }) => name.value)).toEqual([])
})

test('nothing that is for the door alone reaches the API schema', async () => {
  const printed = printSchema(Supergraph.build(await readSupergraph()).apiSchema())

  expect(printed).toContain('type Playlist implements Node')
  expect(printed).not.toMatch(
    /accessTokenKeys|sessionsEnded|EndedSession|entitiesChanged|EntityChanged|\bref:/,
  )
})

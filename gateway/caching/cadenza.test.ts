import { Supergraph } from '@apollo/federation-internals'
import { Kind, parse } from 'graphql'
import { expect, test } from 'vitest'
import { readSupergraph } from '../../schema/supergraph.ts'
import { takeDirectives } from '../directives.ts'
import { fragmentsOf } from '../execute/selection.ts'
import { type CachePolicy, createCachePolicies } from './cache-policy.ts'

const { sdl, directives } = takeDirectives(await readSupergraph())
const policies = createCachePolicies(Supergraph.build(sdl).apiSchema().toGraphQLJSSchema(), directives)

function policiesOf(source: string): [string | undefined, CachePolicy][] {
  const document = parse(source)
  const fragments = fragmentsOf(document)
  return document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION
      ? [[node.name?.value, policies.ofOperation(node, fragments)] as [string | undefined, CachePolicy]]
      : [],
  )
}

test.each([
  '{ artist(id: "a") { name genres { name } albums { nodes { title tracks { edges { cursor node { title } } } } } } }',
  '{ track(id: "t") { title markets album { title } artists { name } audioFeatures { tempo } } }',
  '{ genres { totalCount pageInfo { endCursor } nodes { name tracks(first: 5) { nodes { title } } } } }',
  '{ show(id: "s") { title episodes { nodes { title } } } }',
])('the catalogue is everybody’s of a country, for a minute: %s', (source) => {
  expect(policiesOf(source)).toMatchObject([[undefined, { maxAge: 60, scope: 'PUBLIC' }]])
})

test.each([
  '{ track(id: "t") { title playCount } }',
  '{ track(id: "t") { playable { allowed } } }',
  '{ track(id: "t") { similar { nodes { title } } } }',
  '{ artist(id: "a") { related { nodes { name } } } }',
  '{ search(query: "x") { tracks { edges { node { title } } } } }',
  '{ search(query: "x") { playlists { edges { node { name } } } } }',
  '{ suggest(prefix: "x") { text } }',
  '{ node(id: "track_1") { id } }',
  '{ playlist(id: "p") { name items { nodes { track { title } } } } }',
  '{ trending { nodes { title } } }',
  '{ recommendations { nodes { title } } }',
  '{ viewer { displayName } }',
  '{ user(id: "u") { displayName } }',
])('nothing else is kept: %s', (source) => {
  expect(policiesOf(source)).toMatchObject([[undefined, { maxAge: 0 }]])
})

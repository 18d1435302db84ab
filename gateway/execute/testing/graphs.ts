import { composeServices } from '@apollo/composition'
import { Supergraph } from '@apollo/federation-internals'
import { buildSubgraphSchema } from '@apollo/subgraph'
import type { DocumentNode, GraphQLSchema } from 'graphql'
import { readSchema } from '#shared/schema.ts'
import { ROOMS } from '../../../schema/supergraph.ts'
import { type Facts, factsOf } from './facts.ts'

/** A supergraph with its subgraphs, as tests execute them. */
export interface Graph {
  sdl: string
  internals: Supergraph
  apiSchema: GraphQLSchema
  supergraphSchema: GraphQLSchema
  rooms: ReadonlyMap<string, GraphQLSchema>
  facts: Facts
}

export function composeGraph(sdl: Readonly<Record<string, DocumentNode>>): Graph {
  const services = Object.entries(sdl).map(([name, typeDefs]) => ({ name, typeDefs }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  const internals = Supergraph.build(supergraphSdl)
  return {
    sdl: supergraphSdl,
    internals,
    apiSchema: internals.apiSchema().toGraphQLJSSchema(),
    supergraphSchema: internals.schema.toGraphQLJSSchema(),
    rooms: new Map(services.map(({ name, typeDefs }) => [name, buildSubgraphSchema({ typeDefs })])),
    facts: factsOf(sdl),
  }
}

/** The five rooms of this repository. */
export function cadenza(): Graph {
  return composeGraph(Object.fromEntries(ROOMS.map((name) => [name, readSchema(name)])))
}

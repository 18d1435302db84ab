import { composeServices } from '@apollo/composition'
import { readSchema } from '#shared/schema.ts'
import { ROOMS } from './supergraph.ts'

/** Composes the rooms' SDL into the supergraph. Throws with every composition error, one a line. */
export function composeSupergraph(): string {
  const services = ROOMS.map((name) => ({ name, typeDefs: readSchema(name), url: `http://${name}/graphql` }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map((error) => error.message).join('\n'))
  return `${supergraphSdl}\n`
}

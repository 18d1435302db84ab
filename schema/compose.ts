import { readFile, writeFile } from 'node:fs/promises'
import { composeServices } from '@apollo/composition'
import { readSchema } from '#shared/schema.ts'

/** The five rooms, in the order in which they are composed. */
export const ROOMS = ['users', 'catalog', 'playlists', 'playback', 'recommendations'] as const

const SUPERGRAPH = new URL('supergraph.graphql', import.meta.url)

/** Composes the rooms' SDL into the supergraph. Throws with every composition error, one a line. */
export function composeSupergraph(): string {
  const services = ROOMS.map((name) => ({ name, typeDefs: readSchema(name), url: `http://${name}` }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error((errors ?? []).map((error) => error.message).join('\n'))
  return `${supergraphSdl}\n`
}

/** The committed supergraph: what the door loads. */
export function readSupergraph(): Promise<string> {
  return readFile(SUPERGRAPH, 'utf8')
}

if (process.argv[1] !== undefined && import.meta.url.endsWith(process.argv[1].split('/').at(-1) ?? '')) {
  await writeFile(SUPERGRAPH, composeSupergraph())
}

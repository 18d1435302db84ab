import { readFile } from 'node:fs/promises'
import { ApolloGateway } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'

/** The peer: @apollo/gateway in @apollo/server as their documentation has them. Arguments: supergraph file, port. */
const [file = '', port = ''] = process.argv.slice(2)
const gateway = new ApolloGateway({ supergraphSdl: await readFile(file, 'utf8') })
await startStandaloneServer(new ApolloServer({ gateway }), {
  listen: { port: Number(port), host: '127.0.0.1' },
})

import { GraphQLError, type GraphQLFormattedError } from 'graphql'

/** An error that was masked already, as the socket's protocol wants it. */
export function toGraphQLError({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { ...(path && { path }), ...(extensions && { extensions }) })
}

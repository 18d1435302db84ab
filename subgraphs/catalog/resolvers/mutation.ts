import { payload } from '#shared/errors.ts'
import type { MutationResolvers } from '../generated/graphql.ts'

const NO_NODE = { node: null }

export const Mutation: MutationResolvers = {
  uploadCreate: (_, { input }, { identity, uploads }) =>
    payload({ upload: null }, async () => ({ upload: await uploads.create(identity, input) })),

  catalogTakeDown: (_, { input }, { identity, takedowns, nodes }) =>
    payload(NO_NODE, async () => ({ node: await nodes.load(await takedowns.takeDown(identity, input)) })),

  catalogRestore: (_, { input }, { identity, takedowns, nodes }) =>
    payload(NO_NODE, async () => ({ node: await nodes.load(await takedowns.restore(identity, input)) })),
}

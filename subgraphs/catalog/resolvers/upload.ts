import type { UploadResolvers } from '../generated/graphql.ts'
import { trackIdOf } from '../uploads/uploads.ts'

export const Upload: UploadResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.uploadById.load(id),
  uploadUrl: (upload, _, { uploads }) => uploads.urlOf(upload),
  expiresAt: ({ state, expiresAt }) => (state === 'WAITING' ? expiresAt : null),
  failure: ({ state, failureCode, failureMessage }) =>
    state === 'FAILED' ? { code: failureCode ?? '', message: failureMessage ?? '' } : null,
  track: ({ id, state }, _, { loaders }) =>
    state === 'READY' ? loaders.trackById.load(trackIdOf(id)) : null,
}

import type { PrivacyJobResolvers } from '../generated/graphql.ts'
import { stateOf } from '../services/privacy-jobs.ts'

export const PrivacyJob: PrivacyJobResolvers = {
  __resolveReference: (key, { loaders }) => loaders.privacyJobById.load('id' in key ? key.id : key.ref),
  ref: (job) => job.id,
  state: stateOf,
  downloadUrl: (job, _, { identity, privacy }) => privacy.downloadUrl(identity, job),
}

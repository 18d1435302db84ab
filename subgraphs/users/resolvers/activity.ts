import { isIdOf } from '#shared/id.ts'
import type { ActivityResolvers, ActivitySubjectResolvers } from '../generated/graphql.ts'

export const Activity: ActivityResolvers = {
  actor: ({ actorId }, _, { loaders }) => loaders.userById.load(actorId),
  subject({ subjectId }, _, { loaders }) {
    if (isIdOf('user', subjectId)) return loaders.userById.load(subjectId)
    return isIdOf('playlist', subjectId) ? { ref: subjectId } : { id: subjectId }
  },
}

export const ActivitySubject: ActivitySubjectResolvers = {
  __resolveType(subject) {
    if ('ref' in subject) return 'Playlist'
    if (isIdOf('user', subject.id)) return 'User'
    return isIdOf('artist', subject.id) ? 'Artist' : 'Track'
  },
}

import { scalars } from '#shared/scalars.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { Activity, ActivitySubject } from './activity.ts'
import { Device } from './device.ts'
import { Followed, FollowedConnection, FollowedEdge } from './followed.ts'
import { Mutation } from './mutation.ts'
import { Node } from './node.ts'
import { PrivacyJob } from './privacy-job.ts'
import { Query } from './query.ts'
import { Session } from './session.ts'
import { Subscription } from './subscription.ts'
import { User } from './user.ts'

export const resolvers = {
  ...scalars,
  Activity,
  ActivitySubject,
  Device,
  Followed,
  FollowedConnection,
  FollowedEdge,
  Mutation,
  Node,
  PrivacyJob,
  Query,
  Session,
  Subscription,
  User,
} satisfies Resolvers

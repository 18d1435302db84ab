import type { GraphQLDataSource } from '@apollo/gateway'
import { AppError } from '#shared/errors.ts'
import type { Identity } from '#shared/identity.ts'
import type { Room } from '#shared/room.ts'

/** What every resolver of the door's operation is about: who asks. */
export interface DoorContext {
  identity: Identity
}

/** One room as a data source of Apollo's executor. A room that does not answer in time costs its own fields, nothing else. */
export function createDataSource(room: Room, timeoutMs: number): GraphQLDataSource<DoorContext> {
  return {
    async process({ request, context }) {
      const { query, variables, operationName } = request
      if (query === undefined) throw new AppError('BAD_USER_INPUT', 'There is no query')
      const call = room.execute({
        query,
        variables,
        operationName,
        identity: context['identity'] as Identity,
      })
      const { data, errors } = await withDeadline(call, room.name, timeoutMs)
      return { data: data ?? null, ...(errors && { errors: [...errors] }) }
    },
  }
}

async function withDeadline<Result>(call: Promise<Result>, name: string, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError('TIMEOUT', `The ${name} room did not answer in time`)),
      timeoutMs,
    )
  })
  try {
    return await Promise.race([call, deadline])
  } finally {
    clearTimeout(timer)
  }
}

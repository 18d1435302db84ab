import { AppError } from '#shared/errors.ts'
import type { Room } from '#shared/room.ts'
import type { CallRoom } from './execute/run.ts'

/** Calls rooms by name. A room that does not answer in time costs its own fields, nothing else. */
export function createRoomCalls(rooms: ReadonlyMap<string, Room>, timeoutMs: number): CallRoom {
  return async (name, call) => {
    const room = rooms.get(name)
    if (room === undefined) throw new AppError('UNAVAILABLE', `The ${name} room is away`)
    return withDeadline(room.execute(call), name, timeoutMs)
  }
}

async function withDeadline<Result>(call: Promise<Result>, name: string, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    const late = (): void => reject(new AppError('TIMEOUT', `The ${name} room did not answer in time`))
    timer = setTimeout(late, timeoutMs)
  })
  try {
    return await Promise.race([call, deadline])
  } finally {
    clearTimeout(timer)
  }
}

import type { Room } from '#shared/room.ts'
import type { CallRoom } from './execute/run.ts'
import { away } from './rooms/faults.ts'

/** Calls rooms by name. */
export function createRoomCalls(rooms: ReadonlyMap<string, Room>): CallRoom {
  return (name, call) => rooms.get(name)?.execute(call) ?? Promise.reject(away(name))
}

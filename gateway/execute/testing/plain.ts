import type { RoomResponse } from '#shared/room.ts'

/** An answer of graphql-js as it comes over the wire. */
export function plain(answer: {
  data?: unknown
  errors?: readonly { toJSON(): unknown }[] | undefined
}): RoomResponse {
  return JSON.parse(JSON.stringify(answer)) as RoomResponse
}

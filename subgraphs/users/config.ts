import { z } from 'zod'

/**
 * What an operator may tune: how many passwords are hashed at once (each takes a core for 10 to 30 ms and 19 MiB), and how
 * many more may wait before the room asks people to come back.
 */
export const usersSettings = z.object({
  CADENZA_PASSWORD_HASHERS: z.coerce.number().int().min(1).max(64).default(2),
  CADENZA_PASSWORD_QUEUE: z.coerce.number().int().min(0).max(10_000).default(20),
})

export type UsersSettings = Readonly<z.infer<typeof usersSettings>>

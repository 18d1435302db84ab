import { z } from 'zod'

/** What the import reads of the environment: the database to fill, or the home of the Cadenza whose database it is. */
export const importSettings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  CADENZA_HOME: z.string().min(1).default('.cadenza'),
})

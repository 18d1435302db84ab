import { z } from 'zod'
import { kafkaSecuritySettings } from './kafka/security.ts'

/**
 * Reads a room's settings from the environment, once, at boot. All faults come in one message that names each variable;
 * the result is frozen. The only place that touches `process.env`.
 */
export function readConfig<Shape extends z.ZodObject>(
  shape: Shape,
  // biome-ignore lint/style/noProcessEnv: the one door between the environment and the program
  environment: Record<string, string | undefined> = process.env,
): Readonly<z.infer<Shape>> {
  const parsed = shape.safeParse(environment)
  if (!parsed.success) throw new Error(`The configuration does not hold:\n${z.prettifyError(parsed.error)}`)
  return Object.freeze(parsed.data)
}

/** `REDIS_URL`: one Redis, or nodes of a cluster separated by commas. */
export const redisUrl = z
  .string()
  .refine((text) => text.split(',').every((node) => /^rediss?:\/\/./.test(node) && URL.canParse(node)), {
    error: 'must be redis:// or rediss:// addresses, separated by commas',
  })
  .optional()

/** `KAFKA_BROKERS`: some of the brokers, as host:port, separated by commas. */
export const kafkaBrokers = z
  .string()
  .refine((text) => text.split(',').every((broker) => /^[^\s:,/]+:\d{1,5}$/.test(broker)), {
    error: 'must be host:port, several separated by commas',
  })
  .optional()

/** What every room reads: where the truth lives, the secret it shares with the door, and where it listens. */
export const roomSettings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  REDIS_URL: redisUrl,
  KAFKA_BROKERS: kafkaBrokers,
  ...kafkaSecuritySettings,
  CADENZA_INTERNAL_SECRET: z.string().min(32),
  CADENZA_HOME: z.string().min(1).default('.cadenza'),
  PORT: z.coerce.number().int().min(0).max(65535).default(0),
  HOST: z.string().default('127.0.0.1'),
})

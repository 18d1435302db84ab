import { readFileSync } from 'node:fs'
import type { SASLOptions } from 'kafkajs'
import { z } from 'zod'

/** How brokers are spoken to: kafkajs takes it as it is. */
export interface KafkaSecurity {
  ssl: boolean | { ca: string }
  sasl?: SASLOptions
}

/** What a process reads of the environment to be let in by brokers that let not everybody in. */
export const kafkaSecuritySettings = {
  /** TLS with the authorities that Node trusts. */
  KAFKA_SSL: z.stringbool().default(false),
  /** A file of certificates (PEM) to trust instead. */
  KAFKA_SSL_CA: z.string().min(1).optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().min(1).optional(),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional(),
}

const shape = z.object(kafkaSecuritySettings)

/** Throws when the settings name half of what is needed, or a file that cannot be read. */
export function kafkaSecurityOf(settings: Readonly<z.infer<typeof shape>>): KafkaSecurity {
  const { KAFKA_SSL, KAFKA_SSL_CA, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = settings
  if (KAFKA_SSL_CA !== undefined && !KAFKA_SSL)
    throw new Error('KAFKA_SSL_CA is of use with KAFKA_SSL=true only')
  const ssl = KAFKA_SSL_CA === undefined ? KAFKA_SSL : { ca: readFileSync(KAFKA_SSL_CA, 'utf8') }
  const needed = [KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD]
  if (needed.every((one) => one === undefined)) return { ssl }
  if (
    KAFKA_SASL_MECHANISM === undefined ||
    KAFKA_SASL_USERNAME === undefined ||
    KAFKA_SASL_PASSWORD === undefined
  )
    throw new Error(
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD come together, or not at all',
    )
  const who = { username: KAFKA_SASL_USERNAME, password: KAFKA_SASL_PASSWORD }
  return { ssl, sasl: saslOf(KAFKA_SASL_MECHANISM, who) }
}

/** The same three fields for each mechanism, in a type of its own for each. */
function saslOf(
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512',
  who: { username: string; password: string },
): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...who }
    case 'scram-sha-256':
      return { mechanism, ...who }
    case 'scram-sha-512':
      return { mechanism, ...who }
  }
}

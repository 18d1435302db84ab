import { resolve } from 'node:path'
import { z } from 'zod'
import { kafkaBrokers, readConfig, redisUrl } from '#shared/config.ts'
import { kafkaSecurityOf, kafkaSecuritySettings } from '#shared/kafka/security.ts'
import { s3Of, storageSettings } from '#shared/storage/open-storage.ts'
import { admissionSettings } from '../../gateway/admission-settings.ts'
import { arrivalSettings } from '../../gateway/arrival-settings.ts'
import { cachingSettings } from '../../gateway/caching/settings.ts'
import { rateSettings } from '../../gateway/rate-limit/settings.ts'

const settings = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  CADENZA_HOME: z.string().min(1).default('.cadenza'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: redisUrl,
  KAFKA_BROKERS: kafkaBrokers,
  ...kafkaSecuritySettings,
  PUBLIC_URL: z.url().optional(),
  ...storageSettings,
  DEFAULT_COUNTRY: z.string().length(2).default('US'),
  ...cachingSettings,
  ...rateSettings,
  ...arrivalSettings,
  ...admissionSettings,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('warn'),
  NODE_ENV: z.string().default('development'),
})

/** What `npm start` reads; everything has a default. */
export function readSettings() {
  const config = readConfig(settings)
  const kafkaSecurity = kafkaSecurityOf(config)
  return { ...config, home: resolve(config.CADENZA_HOME), s3: s3Of(config), kafkaSecurity }
}

export type Settings = ReturnType<typeof readSettings>
